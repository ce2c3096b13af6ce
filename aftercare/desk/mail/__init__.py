"""E-mail: reading what comes in, finding whose conversation it belongs to, and writing what goes out."""
