"""How incidents are dealt with, counted: from what happened, with the rows behind every figure."""
