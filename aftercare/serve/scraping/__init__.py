"""Pulling scrape targets: the addresses that may be called, the call, and what is done with the answer."""
