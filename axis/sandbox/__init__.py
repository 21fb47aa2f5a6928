"""Private servers on free loopback ports, for the demo, the measurements and the tests.

A private RabbitMQ or PostgreSQL stands entirely in one folder, listens only on loopback and knows
nothing of the system's own service. It ends with the process that asked for it, however that
process ends: see ``keeper.py``.
"""
