"""Two axes, national and provincial, and a line between them that can break."""
