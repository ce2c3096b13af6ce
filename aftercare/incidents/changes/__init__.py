"""Changes, cut-overs, maintenance and freezes: what will happen, who knows of it, and whether it was to blame."""
