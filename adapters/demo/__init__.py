"""A small country that shows the axis at work: its offices, their systems, one day of documents."""
