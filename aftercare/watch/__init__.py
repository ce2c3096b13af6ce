"""See: monitors, their states, alerts."""
