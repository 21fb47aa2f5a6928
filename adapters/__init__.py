"""The doors for systems, one folder for each protocol. The axis itself knows none of them."""
