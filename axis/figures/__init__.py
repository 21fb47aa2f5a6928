"""How much was carried, and how fast: counted beforehand, so that nobody waits for it."""
