"""Vendors' chats, the way in: one module for each, which reads what its webhook or puller took in."""
