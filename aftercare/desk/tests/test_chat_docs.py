"""What the docs page tells a customer's developer to write does what it says."""

import re
from pathlib import Path
from typing import Any

import pytest

from aftercare.desk.models import Ticket
from aftercare.desk.tests.chatting import Window, make_widget
from tests.world import World

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("page", ["web-chat.md", "zh/web-chat.md"])
def test_the_signed_identity_is_taken(world: World, page: str) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text(), re.M | re.S)
    told: dict[str, Any] = {}
    exec(code, told)  # noqa: S102 - our own page
    widget, secret = make_widget(world, anonymous=False)
    window = Window(widget, told["identity"](secret, sub="u-1", name="Chen", person="zhao@starlight.example"))
    assert window.say("hello").status_code == 201
    assert Ticket.objects.get().opened_by == world.zhao


def test_the_tag_is_the_one_that_the_console_shows(world: World) -> None:
    widget, _ = make_widget(world)
    page = world.client("ada").get(f"/settings/chat/{widget.ref}").content.decode()
    (tag,) = re.findall(r"^```html\n(.*?)\n```", (DOCS / "web-chat.md").read_text(), re.M | re.S)
    shown = tag.replace("https://aftercare.example", "").replace("SITE_KEY", widget.site_key)
    for part in re.findall(r"/chat/\S+?\.js|data-identity|async", shown):
        assert part in page
