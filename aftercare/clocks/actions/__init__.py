"""What may be done to a clock. Each runs in the caller's transaction, with what caused it."""

from aftercare.clocks.actions.moving import hand_on, kept_states, put_back, would_be_due
from aftercare.clocks.actions.running import cancel, go_on, pause, resume, start, stop

__all__ = [
    "cancel",
    "go_on",
    "hand_on",
    "kept_states",
    "pause",
    "put_back",
    "resume",
    "start",
    "stop",
    "would_be_due",
]
