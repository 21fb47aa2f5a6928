"""Says what is wrong with an installation before anybody asks: what, why it matters, what to do."""
