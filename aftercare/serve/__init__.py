"""Composes and starts everything; nobody imports it."""
