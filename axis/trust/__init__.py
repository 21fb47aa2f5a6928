"""Who says it: the signature profile, certificate paths, revocation, and who may speak for whom."""
