"""Every conversation with a customer."""
