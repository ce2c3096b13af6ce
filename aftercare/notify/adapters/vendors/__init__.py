"""Vendors' group chats: each speaks through an account, reads the vendor's own verdict, and keeps to its limits."""
