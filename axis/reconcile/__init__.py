"""What an office has registered against what the axis says that it got; differences by name."""
