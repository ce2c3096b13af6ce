"""Configurations as the documentation prints them, with a test's server and key put in."""

import re
from pathlib import Path

from tests.service import Service

DOCS = Path(__file__).parents[1] / "docs"


def block(page: str, kind: str, *, number: int = 0, service: Service, key: str = "show_secret") -> str:
    """A page's code block of this kind, the first unless told otherwise, filled in."""
    found = re.findall(rf"^```{kind}\n(.*?)^```", (DOCS / page).read_text(), re.M | re.S)[number]
    return str(found).replace("https://YOUR-SERVER", service.base).replace("YOUR-KEY", service.seeded[key])
