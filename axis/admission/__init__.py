"""May it pass, and where does it go: the rules of authority, over what was read and verified."""
