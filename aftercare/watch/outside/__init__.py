"""Alerts that others tell: what their payloads mean, the way in, the pages of their sources."""
