"""Access logs: one line is one request that a server or a CDN answered."""
