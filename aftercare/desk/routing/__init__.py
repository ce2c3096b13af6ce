"""Who gets a ticket: the choice (pure), its words, hours on duty."""
