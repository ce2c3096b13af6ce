"""How values are shown: times, numbers, states, small pictures."""
