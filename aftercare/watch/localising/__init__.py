"""Where a metric turned: the fewest combinations of dimension values that explain it. Pure numpy; rows in, causes out.

The way in is `localise.localise(Leaves) -> Located`; docs/localising.md tells the idea to people.
"""
