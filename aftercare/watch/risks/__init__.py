"""Running out: what will be used up or expire is found early, owned, dealt with, and counted when it was prevented."""
