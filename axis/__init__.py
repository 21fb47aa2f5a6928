"""The axis: receives, validates, records, relays, follows and answers for official documents.

Each folder answers one question about a document; see ``docs/house.md`` for the plan.
"""

__version__ = "0.1.0"
