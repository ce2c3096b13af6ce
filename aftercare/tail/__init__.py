"""`aftercare tail`: sends a growing access log to the front door. Stands beside: no Django, no engine."""
