"""Who sits at the console: accounts of people, their passwords and codes, and their sessions."""
