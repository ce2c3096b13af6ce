"""What was done: an append-only record of every important write."""
