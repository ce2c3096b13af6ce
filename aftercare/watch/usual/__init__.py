"""What is usual for a series at this hour: learned from its own past, no tuning to begin."""
