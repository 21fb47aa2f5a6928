"""The office agent: a folder at an office that is its door to the axis; also with a bad line.

What is dropped into ``outbox`` goes out signed; what comes is verified and laid into ``inbox``. A
spool in SQLite remembers every step, so that a power cut loses nothing and sends nothing twice.
"""
