"""How to speak with a vendor in both directions: plain calls, no database; used by adapters and by the desk."""
