"""Janus: what the event handler of a Janus server tells of the calls that go through it."""
