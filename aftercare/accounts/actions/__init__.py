"""Every change to who is who, each in one transaction with its audit row and its event."""
