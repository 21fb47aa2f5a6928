"""What is measured: deadlines kept and missed, and what is left at the end of a day."""
