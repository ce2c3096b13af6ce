"""Webhooks of media servers and vendors' callbacks: each module reads one sender's events as notices."""
