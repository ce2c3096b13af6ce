"""Probe targets: what agents outside are to look at, and what they saw."""
