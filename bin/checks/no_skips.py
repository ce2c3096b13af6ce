"""A pytest plugin: a skipped test fails the run, so that nothing is left out without anybody seeing it.

Only what a system has no package for is excused, and told. Reports come here from every process that runs tests.
"""

import pytest

EXCUSE = "Skipped: this system's packages have no "


def pytest_configure(config: pytest.Config) -> None:
    """Watch this run."""
    config.pluginmanager.register(Skips(), "no_skips_in_this_run")


class Skips:
    """The tests that were skipped in one run."""

    def __init__(self) -> None:
        self.skipped: list[str] = []
        self.excused: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note every test that was skipped; an expected failure is not one."""
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            (self.excused if reason.startswith(EXCUSE) else self.skipped).append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Turn success into failure where tests were skipped."""
        if self.skipped and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which, before pytest's closing line."""
        for name in self.skipped:
            terminalreporter.write_line(f"SKIPPED, which counts as failed here: {name}", red=True)
        for name in self.excused:
            terminalreporter.write_line(f"skipped, as this system has no package for it: {name}")
