"""Alerts that nobody is called for: silenced, standing behind another, or going on and off; each counted and shown."""
