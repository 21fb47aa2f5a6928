"""Where is it: the whole story of a document, from the ledger, in words that an official reads."""
