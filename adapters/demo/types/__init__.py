"""The demo of message types: three example systems, and the list of 17:00 right about each."""
