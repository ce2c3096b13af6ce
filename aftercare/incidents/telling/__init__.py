"""Telling customers what we know of an incident: one update, to each in their own tickets and their own language."""
