"""A calendar that a team kept elsewhere (RFC 5545) becomes changes of a schedule.

`reading` takes the text apart without trusting it, `repeating` expands what repeats, by `rules` and within bounds,
`planning` says whose shifts they are and what would be saved.
"""
