"""What is kept how long: bodies go by class and age, digests, entries and receipts stay."""
