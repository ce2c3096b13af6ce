"""Setting up chat widgets."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import Customer, User
from aftercare.audit import actions as audit
from aftercare.clocks.models import Calendar
from aftercare.desk.chat.identity import new_secret
from aftercare.desk.models import ChatWidget
from aftercare.kernel.errors import Refused

ORIGINS_AT_MOST = 20
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class WidgetFacts:
    """What people say of a widget."""

    name: str
    customer: Customer | None
    anonymous: bool
    origins: tuple[str, ...]
    greeting: str
    greeting_zh: str
    calendar: Calendar | None
    reply_within_s: int
    enabled: bool


def checked_origin(text: str) -> str:
    """An origin as browsers write it: `https://www.example.com`. Raises Refused where it is none, or plain HTTP."""
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    is_plain = host != "" and not parts.username and parts.path in ("", "/") and not parts.query and not parts.fragment
    if not is_plain or set(host) - set("abcdefghijklmnopqrstuvwxyz0123456789.-:"):
        raise Refused(_("%(text)s is not a site: write it as https://www.example.com.") % {"text": text.strip()[:80]})
    name = f"[{host}]" if ":" in host else host
    if parts.scheme != "https" and not (parts.scheme == "http" and name in LOOPBACK):
        raise Refused(_("%(text)s has to be an https site.") % {"text": text.strip()[:80]})
    return f"{parts.scheme}://{name}{f':{port}' if port else ''}"


@transaction.atomic
def save_widget(*, widget: ChatWidget | None, facts: WidgetFacts, actor: User, now: datetime) -> tuple[ChatWidget, str]:
    """Keep a new or changed widget; a new one's secret comes with it, else "". Raises Refused with what is wrong."""
    if facts.anonymous and facts.customer is None:
        raise Refused(
            _("A widget for all customers takes signed visitors only. Choose a customer to let anyone write.")
        )
    origins = list(dict.fromkeys(checked_origin(text) for text in facts.origins))
    if len(origins) > ORIGINS_AT_MOST:
        raise Refused(_("A widget has at most %(n)s sites.") % {"n": ORIGINS_AT_MOST})
    if widget is not None and widget.customer != facts.customer and widget.visitors.exists():
        raise Refused(_("Somebody has written through this widget: its customer stays. Make another widget."))
    secret, is_new = "", widget is None
    if widget is None:
        secret, kept = new_secret()
        widget = ChatWidget(secret=kept, created_at=now)
    for name in ("name", "customer", "anonymous", "greeting", "greeting_zh", "calendar", "reply_within_s", "enabled"):
        setattr(widget, name, getattr(facts, name))
    widget.origins = origins
    widget.save()
    record("chat.widget.add" if is_new else "chat.widget.change", widget, actor, now)
    return widget, secret


@transaction.atomic
def renew_secret(*, widget: ChatWidget, actor: User, now: datetime) -> str:
    """A new secret; identities signed with the old one are refused from now on."""
    secret, widget.secret = new_secret()
    widget.save(update_fields=["secret"])
    record("chat.widget.secret", widget, actor, now)
    return secret


def record(action: str, widget: ChatWidget, actor: User, now: datetime) -> None:
    """The audit row."""
    audit.record(
        actor=actor,
        action=action,
        subject=widget.ref,
        customer_id=widget.customer_id,
        detail={"name": widget.name, "origins": widget.origins, "anonymous": widget.anonymous},
        now=now,
    )
