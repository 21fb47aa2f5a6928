"""A whole axis in one process tree: the small installation, the demo, the tests."""
