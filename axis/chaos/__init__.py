"""Breaks an axis on purpose, under load, and counts what was lost and what came twice."""
