"""A pytest plugin: says in one line which tests were left out by their marker, and how to run them."""

from pathlib import Path
from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Watch this run."""
    config.pluginmanager.register(LeftOut(), "left_out_of_this_run")


class LeftOut:
    """The long tests that one run left out. A process that runs a share of the tests hands its list on."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note those that take minutes; what a person leaves out by -k they know."""
        self.names |= {item.nodeid for item in items if item.get_closest_marker("long") is not None}

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In a process of pytest-xdist: hand on."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["left_out"] = sorted(self.names)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what such a process hands on; they all leave out the same."""
        self.names |= set(getattr(node, "workeroutput", {}).get("left_out", ()))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which, before pytest's closing line."""
        if self.names:
            files = sorted({Path(name.partition("::")[0]).stem for name in self.names})
            said = f"left out: {len(self.names)} tests marked long, which take minutes (in {', '.join(files)})."
            terminalreporter.write_line(f"{said} Run them too: bin/test -m ''")
