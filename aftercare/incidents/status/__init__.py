"""Status pages: static files that are written on change, and who hears of updates by mail or webhook."""
