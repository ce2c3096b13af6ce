"""What quality means, where it is kept, and the resource map."""
