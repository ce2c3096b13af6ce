"""What the page frame needs on every page; computed only when a template asks."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation

from aftercare.kernel.clock import utc_now
from aftercare.web import nav
from aftercare.web.render.times import zone_label
from aftercare.web.words import words


@dataclass(frozen=True)
class LanguageChoice:
    """A language as the switch shows it."""

    code: str
    name: str
    is_current: bool


class Frame:
    """The reader and the rail, lazily."""

    PHONE_DOORS = 4

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = getattr(request, "user", None)

    @cached_property
    def doors(self) -> list[nav.Door]:
        """The rail of this person; empty for somebody signed out."""
        signed_in = self.user is not None and self.user.is_authenticated
        return nav.doors_for(self.user) if signed_in else []

    @cached_property
    def current(self) -> str:
        """The key of the present door, "" outside all of them."""
        return nav.current_key(self.request, [*self.doors, *self._tabs])

    @cached_property
    def _tabs(self) -> list[nav.Door]:
        """What stands behind all the doors of this person."""
        return nav.tabs_for(self.user) if self.doors else []

    @cached_property
    def tabs(self) -> list[dict[str, Any]]:
        """The tabs of the present door, as the component takes them; none where there is nothing to choose from."""
        here = nav.current_door(self.request, self._tabs)
        beside = [tab for tab in self._tabs if here and tab.behind == here.behind]
        if len(beside) < 2:
            return []
        return [{"label": tab.label, "url": tab.url, "is_current": tab == here} for tab in beside]

    @property
    def phone_doors(self) -> list[nav.Door]:
        """What the bottom bar of a phone has room for."""
        return self.doors[: self.PHONE_DOORS]

    @property
    def more_doors(self) -> list[nav.Door]:
        """The rest, behind "More"."""
        return self.doors[self.PHONE_DOORS :]

    @property
    def is_behind_more(self) -> bool:
        """Whether the present door is one of those behind "More"."""
        return any(door.key == self.current for door in self.more_doors)

    @property
    def is_demo(self) -> bool:
        """Whether all that this server shows is made up."""
        return bool(getattr(settings, "IS_DEMO", False))

    @property
    def theme(self) -> str:
        """`auto`, `light` or `dark`."""
        return str(getattr(self.request, "theme", "auto"))

    @property
    def language(self) -> str:
        """The language tag of the page as HTML wants it: `en` or `zh-Hans`."""
        return "zh-Hans" if (translation.get_language() or "").startswith("zh") else "en"

    @property
    def languages(self) -> list[LanguageChoice]:
        """The languages to choose from."""
        now = translation.get_language()
        return [LanguageChoice(code, str(name), code == now) for code, name in settings.LANGUAGES]

    @property
    def zone(self) -> str:
        """The reader's IANA zone, for scripts."""
        return str(timezone.get_current_timezone())

    @property
    def zone_label(self) -> str:
        """The reader's zone as people write it: `UTC+8`."""
        return zone_label(timezone.localtime(utc_now()))

    @property
    def words(self) -> dict[str, str]:
        """The sentences that scripts say, in the page's language."""
        return words()


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: `frame` in every template."""
    return {"frame": Frame(request)}
