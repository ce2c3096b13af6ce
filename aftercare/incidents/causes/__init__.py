"""One incident for all that one piece of infrastructure breaks, however many customers it touches."""
