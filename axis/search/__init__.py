"""Which document is it: packages by their words, offices, days and how far they got."""
