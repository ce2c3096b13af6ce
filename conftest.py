"""The fixtures of every test; `tests.engines` has started the engines by now."""

pytest_plugins = ["tests.measuring", "tests.service", "tests.telemetry", "tests.world"]
