"""The vendors' ways in: for each a view that checks who calls and keeps what came, and a reader that works on it."""
