"""Tells people what is wrong, once, until somebody has seen to it; and never loses a message."""
