"""`sdk/aftercare.classic.js` is the module `sdk/aftercare.js` as a classic script; `--write` makes it anew."""

import sys
from pathlib import Path

SDK = Path(__file__).parents[2] / "sdk"
MODULE, TWIN = SDK / "aftercare.js", SDK / "aftercare.classic.js"


def twin_of(module: str) -> str:
    """The same text in a function of its own, which leaves one name behind: `window.aftercare`."""
    return f'(function () {{\n"use strict";\n{module.replace("export ", "")}\nwindow.aftercare = aftercare;\n}})();\n'


def main() -> None:
    """Check, or write."""
    text = twin_of(MODULE.read_text())
    if sys.argv[1:] == ["--write"]:
        TWIN.write_text(text)
    elif TWIN.read_text() != text:
        sys.exit("sdk/aftercare.classic.js is not the module's twin: python bin/checks/sdk_twin.py --write")


if __name__ == "__main__":
    main()
