"""Do the records agree: database, bodies, queues and ledger, each with the others."""
