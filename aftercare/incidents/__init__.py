"""What is broken now, who is on it, who is told."""
