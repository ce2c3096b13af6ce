"""Clock, identifiers, money, signing, errors and the event bus: no product words, no Django."""
