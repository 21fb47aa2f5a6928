"""How far it got: the states of a delivery and its lanes, as tables."""
