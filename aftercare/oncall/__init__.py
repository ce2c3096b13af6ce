"""Wake: rotations, pages, acknowledgements."""
