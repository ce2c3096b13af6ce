"""What the vendors of chat have in common: calls with JSON, tokens that expire, whose words they are, and sentences."""

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from aftercare.kernel.calls import Answer
from aftercare.kernel.signing import fingerprint
from aftercare.notify.adapters.calling import ANSWER_AT_MOST, Undelivered, ask
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.models import CODE_KIND, CONVERSATION
from aftercare.notify.outcome import Outcome, account_refused, permanent, temporary, unknown

SPEAKER_AT_MOST = 40

KEY_REFUSED = _("The vendor refuses our key. Enter a new one on the account's page")
NO_RIGHT = _("The vendor's app lacks a right. Give it the right in the vendor's console")
NOT_IN_CHAT = _("The bot is not in this chat. Add it there")
NO_CHAT = _("The vendor knows no such chat")
MUTED = _("The bot may not speak in this chat")
TOO_LONG = _("The text is too long for this vendor")
TOO_FAST = _("The vendor asks us to slow down")
NOT_NOW = _("The vendor cannot take it now")
REFUSED = _("The vendor refused")
NO_SENSE = _("The vendor answered something that is not its documented answer")
NO_ACCOUNT = _("There is no account to speak through")
INCOMPLETE = _("The account is not complete")


def account_of(envelope: Envelope, *names: str) -> Credentials:
    """The account to speak through, with these secrets or settings. Raises Undelivered where one is missing."""
    account = envelope.account
    if account is None:
        raise Undelivered(permanent(NO_ACCOUNT))
    missing = [name for name in names if not (account.secrets.get(name) or account.config.get(name))]
    if missing:
        raise Undelivered(account_refused(INCOMPLETE, ", ".join(missing)))
    return account


def call(
    account: Credentials,
    base: str,
    path: str,
    *,
    method: str = "POST",
    body: Mapping[str, Any] | None = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    most_bytes: int = ANSWER_AT_MOST,
) -> Answer:
    """One call of a vendor's API, at the account's `base_url` where it names one. Raises Undelivered.

    `content` is the body where its very bytes were signed. An answer of 5xx is no answer: all but 503 may have been
    given after the vendor took it.
    """
    base = base_of(account, base)
    content = json.dumps(body, ensure_ascii=False).encode() if body is not None else content
    answer = ask(
        method,
        base + path,
        body=content,
        headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})},
        most_bytes=most_bytes,
    )
    if answer.status == 503:
        raise Undelivered(temporary(NOT_NOW, "HTTP 503"))
    if answer.status >= 500 and not answer.json():
        raise Undelivered(unknown(NOT_NOW, f"HTTP {answer.status}"))
    return answer


def base_of(account: Credentials, base: str) -> str:
    """Where the vendor's API is: `base`, unless the account is reached in another way."""
    return str(account.config.get("base_url") or base).rstrip("/")


def seconds_to_wait(answer: Answer, *names: str, otherwise: float) -> float:
    """How long the vendor asks us to wait, from the first of these headers that says so; at most an hour."""
    for name in names:
        text = answer.headers.get(name, "")
        if text.replace(".", "", 1).isdecimal() and len(text) < 12:
            return min(float(text), 3600.0)
    return otherwise


def words_of(envelope: Envelope) -> str:
    """The text as a chat reads it: who speaks, a mark where it may have come before, the words.

    What is not said by somebody (a page, a notice) carries its link; what proves an address carries its code.
    """
    title = envelope.title
    if envelope.kind == CODE_KIND:
        return f"{title}: {envelope.secret_url}\n{envelope.body}"
    if envelope.kind != CONVERSATION:
        return "\n".join(filter(None, (title, envelope.body, envelope.url)))
    speaker = str(envelope.data.get("speaker", ""))
    if len(speaker) > SPEAKER_AT_MOST:
        title = title.replace(speaker, speaker[: SPEAKER_AT_MOST - 1] + "…")
    title = title.strip(" :：")
    colon = "：" if envelope.language.startswith("zh") else ": "
    return f"{title}{colon}{envelope.body}" if title else envelope.body


def defused(text: str, *openings: str) -> str:
    """The text with a joiner inside what a vendor would read as a tag, so that nobody's words call everybody."""
    for opening in openings:
        text = text.replace(opening, opening[0] + "\u2060" + opening[1:])
    return text


class Tokens:
    """Access tokens of this process: fetched once, used until shortly before they expire."""

    EARLY = timedelta(minutes=5)

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept: dict[tuple[str, str], tuple[str, datetime]] = {}

    def get(self, account: Credentials, fetch: Callable[[], tuple[str, float]], now: datetime) -> str:
        """The account's token; `fetch` gets a new one with the seconds that it lives. Raises what `fetch` raises."""
        key = self.key_of(account)
        with self.lock:
            token, good_until = self.kept.get(key, ("", now))
        if token and now < good_until:
            return token
        token, lives_s = fetch()
        with self.lock:
            self.kept[key] = (token, now + max(timedelta(seconds=lives_s) - self.EARLY, timedelta(seconds=30)))
        return token

    def forget(self, account: Credentials) -> None:
        """The vendor does not take it any more."""
        with self.lock:
            self.kept.pop(self.key_of(account), None)

    @staticmethod
    def key_of(account: Credentials) -> tuple[str, str]:
        """An account with its present secrets: a new secret has no old token."""
        return account.ref, fingerprint(json.dumps([account.secrets, account.config], sort_keys=True))


def with_token(account: Credentials, tokens: Tokens, speak: Callable[[], Outcome | None]) -> Outcome:
    """Speak; once more with a new token where `speak` answers None, which says that the vendor took the token ill."""
    outcome = speak()
    if outcome is None:
        tokens.forget(account)
        outcome = speak()
    return outcome or account_refused(KEY_REFUSED)
