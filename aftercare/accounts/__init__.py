"""Who is who: provider staff, customers, apps, keys."""
