"""Another axis as a receiver: packages go on unchanged, and what becomes of them comes back."""
