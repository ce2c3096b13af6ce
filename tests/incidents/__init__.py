"""Promises about what breaks, one a file."""
