"""Event assurances (重保): planned, tightened on time, looked at together, summed up."""
