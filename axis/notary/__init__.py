"""The one process that gives entries their place, builds the tree and signs for it.

There is one notary, held by a lock of the database; others stand by. Each taking over raises the
epoch in ``ledger_notary``, and every write is made under the row of that epoch, so that a notary
that only seems dead cannot write once another has begun.
"""
