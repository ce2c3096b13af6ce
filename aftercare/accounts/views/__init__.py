"""The pages of who is who."""
