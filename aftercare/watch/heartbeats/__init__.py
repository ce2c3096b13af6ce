"""Heartbeats: what should happen regularly pings an address; a missing, late or failing one alerts."""
