"""Pushes: tells systems at their own HTTPS endpoint what waits for them, and keeps at it.

A notice names deliveries; the system fetches them as ever, and confirms. What is to be told stands
in the database before the message that said so is acknowledged, so that every delivery is told at
least once, whatever dies. An endpoint that fails is tried less and less; nothing is given up before
the delivery itself is over.
"""
