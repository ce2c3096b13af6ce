"""Pages of what was sent to me and how I can be reached, and the event stream."""
