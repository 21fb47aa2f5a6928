"""Measures the axis on this machine, in runs that anyone can repeat."""
