"""Pages of monitors and alerts."""
