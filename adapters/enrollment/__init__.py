"""The door by which an office asks for its place: one path, open to whoever has a one-time code."""
