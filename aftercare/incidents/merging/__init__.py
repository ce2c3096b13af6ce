"""Two incidents turn out to be the same trouble: one goes into the other, and nobody is called or told twice."""
