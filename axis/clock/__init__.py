"""What happens when its time has come: telling again, releasing, expiring, reminding."""
