"""The records. Rows never leave this room: its functions take and give values."""
