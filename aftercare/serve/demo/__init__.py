"""The demo: a simulated world, a real stream to break, and the story played through without a person."""
