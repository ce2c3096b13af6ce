"""What people correct by hand in an incident: its title, how bad it is, and its tasks; nobody overwrites another."""
