"""The probe: an agent that plays, calls, pushes and asks like a viewer, and reports what it saw as samples."""
