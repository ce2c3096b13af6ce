"""The long tail: services that apprise speaks to (github.com/caronc/apprise, BSD-2-Clause), one person's own address.

An address of apprise's is a URL that holds the service's keys. Of the library's 140 services only those in SERVICES are
used: each sends by one HTTP exchange and reads no file. That exchange is made by the house's own calls, not the
library's: public addresses alone, five seconds, no redirects. Attachments, templates and every setting that is not
among SETTINGS are refused. The library is loaded when the first address is looked at, and of it that service alone.
"""

import logging
import threading
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.kernel.calls import Answer
from aftercare.kernel.errors import Refused
from aftercare.kernel.sealing import InvalidToken, seal, unseal
from aftercare.kernel.signing import sign
from aftercare.notify.adapters.calling import Undelivered, ask
from aftercare.notify.adapters.vendors.speaking import defused, seconds_to_wait
from aftercare.notify.adapters.webhook import TRY_LATER
from aftercare.notify.envelope import Envelope
from aftercare.notify.outcome import Outcome, permanent, sent, temporary, too_fast

PURPOSE = "apprise address"
ADDRESS_AT_MOST = 1000
TITLE_AT_MOST, BODY_AT_MOST = 200, 1000

# The scheme of an address, the library's module for it, and the class in it.
SERVICES: Mapping[str, tuple[str, str]] = {
    "bark": ("bark", "NotifyBark"),
    "barks": ("bark", "NotifyBark"),
    "betterstack": ("betterstack", "NotifyBetterStack"),
    "chanify": ("chanify", "NotifyChanify"),
    "discord": ("discord", "NotifyDiscord"),
    "flock": ("flock", "NotifyFlock"),
    "gotify": ("gotify", "NotifyGotify"),
    "gotifys": ("gotify", "NotifyGotify"),
    "gchat": ("google_chat", "NotifyGoogleChat"),
    "httpsms": ("httpsms", "NotifyHttpSMS"),
    "ifttt": ("ifttt", "NotifyIFTTT"),
    "ilert": ("ilert", "NotifyILert"),
    "incidentio": ("incidentio", "NotifyIncidentIO"),
    "join": ("join", "NotifyJoin"),
    "lark": ("lark", "NotifyLark"),
    "line": ("line", "NotifyLine"),
    "mmost": ("mattermost", "NotifyMattermost"),
    "mmosts": ("mattermost", "NotifyMattermost"),
    "ntfy": ("ntfy", "NotifyNtfy"),
    "ntfys": ("ntfy", "NotifyNtfy"),
    "pagerduty": ("pagerduty", "NotifyPagerDuty"),
    "pbul": ("pushbullet", "NotifyPushBullet"),
    "pover": ("pushover", "NotifyPushover"),
    "prowl": ("prowl", "NotifyProwl"),
    "psafers": ("pushsafer", "NotifyPushSafer"),
    "pushdeer": ("pushdeer", "NotifyPushDeer"),
    "pushdeers": ("pushdeer", "NotifyPushDeer"),
    "pushme": ("pushme", "NotifyPushMe"),
    "pushplus": ("pushplus", "NotifyPushplus"),
    "pushy": ("pushy", "NotifyPushy"),
    "ryver": ("ryver", "NotifyRyver"),
    "schan": ("serverchan", "NotifyServerChan"),
    "signl4": ("signl4", "NotifySIGNL4"),
    "spike": ("spike", "NotifySpike"),
    "splunk": ("splunk", "NotifySplunk"),
    "spugpush": ("spugpush", "NotifySpugpush"),
    "squadcast": ("squadcast", "NotifySquadcast"),
    "workflows": ("workflows", "NotifyWorkflows"),
    "wxpusher": ("wxpusher", "NotifyWxPusher"),
    "zulip": ("zulip", "NotifyZulip"),
}
# What may stand behind the question mark: how loud, where to. Others read files, add addresses, wait or repeat.
SETTINGS = frozenset({"priority", "sound", "level", "volume", "group", "region", "mode", "auth"})

NO_ADDRESS = gettext_noop("The address of this service can no longer be read. Enter it again")
NOT_SENT = gettext_noop("The service did not take the message")
KEY_REFUSED = gettext_noop("The service refuses the key in the address")
NOT_NOW = gettext_noop("The service cannot take it now")


def checked(url: str) -> str:
    """An address that may be used. Raises Refused with what is wrong with it; nothing is called for that."""
    url = url.replace("\x00", "").strip()
    scheme = url.partition("://")[0].lower()
    if len(url) > ADDRESS_AT_MOST or scheme not in SERVICES or not url.partition("://")[2]:
        names = ", ".join(f"{name}://" for name in sorted(SERVICES))
        raise Refused(_("Write an apprise address of one of these services: %(names)s.") % {"names": names})
    query = url.partition("?")[2].replace(";", "&")
    others = {name.lower() for name, _value in parse_qsl(query, keep_blank_values=True)} - SETTINGS
    if others:
        told = {"names": ", ".join(sorted(others))[:100], "known": ", ".join(sorted(SETTINGS))}
        raise Refused(_("These settings of an apprise address are not used here: %(names)s. Known: %(known)s.") % told)
    if service_of(url) is None:
        raise Refused(_("This is no address of %(scheme)s:// with one receiver.") % {"scheme": scheme})
    return url


def masked(url: str) -> str:
    """What is shown of an address: the service, and a mark that tells two of them apart. Where its server's name would
    stand there is often a key.
    """
    return f"{url.partition('://')[0].lower()} · {sign(settings.SECRET_KEY.encode(), PURPOSE, url)[:8]}"


def sealed(url: str) -> str:
    """The address as it is kept."""
    return seal(settings.SECRET_KEY, PURPOSE, url)


def service_of(url: str) -> Any | None:
    """The library's service behind a checked address; None where that makes no sense, or has several receivers."""
    module, name = SERVICES[url.partition("://")[0].lower()]
    plugin, how = plugin_of(module, name), asset()
    try:
        parsed = plugin.parse_url(url)
        made = plugin(**parsed, asset=how) if parsed else None
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    if made is None or len(made) != 1:
        return None
    made.request_rate_per_sec = 0  # its pause between two messages would hold our thread
    return made


@cache
def plugin_of(module: str, name: str) -> Any:
    """The class of one service, which from now on calls out by the house's calls alone; its log, which might tell
    keys, is silent.
    """
    logging.getLogger("apprise").disabled = True
    loaded = import_module(f"apprise.plugins.{module}")
    loaded.requests = Calls()  # type: ignore[attr-defined]
    return getattr(loaded, name)


@cache
def asset() -> Any:
    """How the library behaves: it keeps nothing on disk, runs nothing beside, says who we are."""
    return import_module("apprise").AppriseAsset(async_mode=False, app_id="Aftercare", app_desc="Aftercare", app_url="")


def send(envelope: Envelope) -> Outcome:
    """Hand it to the service. Never raises."""
    try:
        url = unseal(settings.SECRET_KEY, PURPOSE, envelope.secret)
    except InvalidToken:
        return permanent(NO_ADDRESS)
    service = service_of(url)
    if service is None:
        return permanent(NO_ADDRESS)
    heard.exchanges = []
    body = "\n".join(filter(None, (envelope.body[:BODY_AT_MOST], envelope.url)))
    try:
        done = service.notify(title=harmless(envelope.title[:TITLE_AT_MOST]), body=harmless(body), body_format="text")
    except Exception:  # a fault of the library's must not stop the engine's thread; its words may hold keys
        done = False
    return outcome_of(done=bool(done), exchanges=heard.exchanges)


def harmless(text: str) -> str:
    """Nobody's words call everybody."""
    return defused(text, "@everyone", "@here", "@channel", "@all", "<!", "<@")


def outcome_of(*, done: bool, exchanges: list[Answer | Outcome]) -> Outcome:
    """What the exchanges say; the library itself says yes or no alone."""
    last = exchanges[-1] if exchanges else None
    if isinstance(last, Outcome):
        return last
    if last is None:
        return permanent(NOT_SENT)
    detail = f"HTTP {last.status}"
    if done:
        return sent(detail)
    if last.status == 429:
        return too_fast(
            NOT_NOW, detail, wait_s=seconds_to_wait(last, "retry-after", otherwise=30.0), whole_account=False
        )
    if last.status in TRY_LATER or last.status >= 500:
        return temporary(NOT_NOW, detail)
    return permanent(KEY_REFUSED if last.status in (401, 403) else NOT_SENT, detail)


class Heard(threading.local):
    """What the exchanges of the message that this thread sends were answered with."""

    exchanges: list[Answer | Outcome] = []


heard = Heard()


class Calls:
    """Stands where a service of the library has `requests`: the same calls, made as the house makes them."""

    def __init__(self) -> None:
        self.real = import_module("requests")
        self.codes, self.RequestException = self.real.codes, self.real.RequestException

    def post(self, url: str, data: Any = None, json: Any = None, **more: Any) -> Any:
        """POST."""
        return self.request("POST", url, data=data, json=json, **more)

    def get(self, url: str, params: Any = None, **more: Any) -> Any:
        """GET."""
        return self.request("GET", url, params=params, **more)

    def request(self, method: str, url: str, **more: Any) -> Any:
        """One exchange. Raises RequestException where there was none; files are never sent."""
        told = {name: more[name] for name in ("headers", "data", "json", "params", "auth") if more.get(name)}
        ready = self.real.Request(method, url, **told).prepare()
        headers = {name: value for name, value in ready.headers.items() if name.lower() != "content-length"}
        body = ready.body.encode() if isinstance(ready.body, str) else ready.body
        try:
            answer = ask(method, ready.url, body=body, headers=headers)
        except Undelivered as undelivered:
            heard.exchanges.append(undelivered.outcome)
            raise self.RequestException("no answer") from None
        heard.exchanges.append(answer)
        return self.as_response(answer)

    def as_response(self, answer: Answer) -> Any:
        """The answer as the library reads it."""
        made = self.real.Response()
        made.status_code, made.encoding = answer.status, "utf-8"
        made._content = answer.body
        made.headers.update(answer.headers)
        return made
