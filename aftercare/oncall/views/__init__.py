"""Pages of the on-call: the calendar, one page, the phone."""
