"""Who runs the axis: administrators, what each may do, and what each did."""
