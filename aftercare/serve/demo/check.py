"""`demo --check`: the story played once without a person, its figures printed, within an overall deadline."""

import json
import os
import signal
import threading
from types import FrameType

from rich.console import Console

from aftercare.serve.demo.story import Story
from aftercare.serve.process import Service

# 120 s are promised from the end of installing to the end of the process; going down may take the last ten.
WITHIN_S = 105.0
LEAVING_S = 5.0
console = Console(highlight=False, stderr=True)


class Check:
    """Plays the story beside the service and brings it down at the end, or when the time is over.

    Standard output is kept for the figures: the embedded engine's own code writes line feeds there.
    """

    def __init__(self, service: Service, story: Story) -> None:
        self._out = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        self._service = service
        self._story = story
        self._thread = threading.Thread(target=self._play, name="story", daemon=True)
        self._timer = threading.Timer(WITHIN_S, self._give_up)
        self._timer.daemon = True

    def start(self) -> None:
        """Begin; the story waits for the service."""
        self._timer.start()
        self._thread.start()

    def finish(self) -> int:
        """The service is down: print the figures as one line of JSON; returns the exit code."""
        self._timer.cancel()
        self._story.stop()
        self._thread.join(LEAVING_S)
        figures = {"ok": False, **self._story.figures}
        print(json.dumps(figures, ensure_ascii=False), file=self._out, flush=True)
        for sentence in self._story.missing or ([] if figures["ok"] else ["the story was cut short"]):
            console.print(f"[red]did not happen:[/red] {sentence}", soft_wrap=True)
        return 0 if figures["ok"] else 1

    def _play(self) -> None:
        self._service.ready.wait()
        try:
            self._story.play()
        finally:
            self._service.shut_down()

    def _give_up(self) -> None:
        self._story.missing.append(f"the whole story within {WITHIN_S:.0f} s")
        self._story.stop()
        self._service.shut_down()


def guard_start() -> None:
    """Have the start end in a sentence, and so in order, when it takes too long or the process is told to end."""

    def ring(number: int, frame: FrameType | None) -> None:
        late = f"the service was not up within {WITHIN_S:.0f} s"
        console.print("the check was ended before the service was up" if number == signal.SIGTERM else late)
        # Passes through whatever was interrupted; an Exception might be taken there for a fault of the engine's.
        raise SystemExit(2)

    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, ring)
    signal.setitimer(signal.ITIMER_REAL, WITHIN_S)


def end_guard() -> None:
    """The service is as good as up: from here on the story's own clock counts."""
    signal.setitimer(signal.ITIMER_REAL, 0)
