"""What a page says to one person, in their language and zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.notify import actions as notify
from aftercare.notify.models import Channel, ContactMethod, Delivery, Urgency
from aftercare.notify.queries import ANSWERABLE, MAY_BUNDLE, PEOPLE, disturbs
from aftercare.oncall.models import Page, Severity
from aftercare.oncall.tokens import link_path

PAGE_KIND = "page"


@dataclass(frozen=True)
class Words:
    """What one page says to one person, whatever way it goes; `link` is the path by which they may take it."""

    title: str
    body: str
    severity: str
    at: str
    link: str


class Wording:
    """Words of pages to people; what pages of one instant say alike is worded once for all who read it alike."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str, str, datetime, datetime | None], tuple[str, str, str]] = {}

    def words_to(self, page: Page, person: User) -> Words:
        """The words, in the person's language and zone."""
        language = person.language or settings.LANGUAGE_CODE
        alike = (language, person.timezone, page.severity, page.opened_at, page.next_step_at)
        with translation.override(language):
            if alike not in self._said:
                with timezone.override(person.timezone):
                    said = sentence(page), str(page.get_severity_display()), clock_time(page.opened_at)
                self._said[alike] = said
            return Words(page.display_title, *self._said[alike], link_path(page, person))


def write(
    page: Page,
    person: User,
    contact: ContactMethod,
    words: Words,
    *,
    not_before: datetime | None,
    people: Sequence[tuple[str, str]] = (),
    now: datetime,
) -> Delivery:
    """A draft of a page's outbox row; what disturbs goes out at `not_before`. Its buttons hand over to `people`."""
    link = words.link
    is_push = contact.channel == Channel.PUSH
    return notify.drafted(
        user=person,
        contact=contact if contact.pk else None,
        channel=contact.channel,
        address=contact.address,
        kind=PAGE_KIND,
        subject_ref=page.ref,
        title=words.title,
        body=words.body,
        url_path=f"/p/{page.ref}" if is_push else link,
        after_s=contact.after_s,
        not_before=not_before if disturbs(contact) else None,
        urgency=Urgency.URGENT if page.severity == Severity.RED else Urgency.ROUTINE,
        data={
            ANSWERABLE: True,
            MAY_BUNDLE: True,
            "spoken": {"severity": words.severity, "at": words.at},
            "page": page.ref,
            "severity": page.severity,
            "subject": page.subject_ref,
            "room": settings.BASE_URL + page.url_path,
            **({} if is_push else {"acknowledge_url": settings.BASE_URL + link}),
            **({PEOPLE: [list(one) for one in people]} if people else {}),
        },
        now=now,
    )


def sentence(page: Page) -> str:
    """What a page says under its title: how bad, since when, and what happens if nobody acknowledges."""
    said = _("%(severity)s, since %(opened)s. If you do not acknowledge, the next person is woken at %(next)s.")
    return said % {
        "severity": page.get_severity_display(),
        "opened": clock_time(page.opened_at),
        "next": clock_time(page.next_step_at or page.opened_at),
    }


def clock_time(at: datetime) -> str:
    """`21:03 UTC+8` in the present zone."""
    local = timezone.localtime(at)
    minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
    sign, hours, rest = "-" if minutes < 0 else "+", abs(minutes) // 60, abs(minutes) % 60
    return f"{local:%H:%M} UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
