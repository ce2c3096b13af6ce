"""What a report, a measure and a metric are. Free of Django: `ingest` reads it too."""
