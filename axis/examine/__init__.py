"""What does the package say, and is it whole: bytes in, an envelope and its signature out. Pure."""
