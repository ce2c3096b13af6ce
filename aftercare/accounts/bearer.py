"""Who calls the API: a program with a token, or the console's own pages with their session."""

import threading
import time
from typing import Any

from django.http import HttpRequest
from django.utils import translation
from ninja.security import HttpBearer, SessionAuth
from ninja.throttling import BaseThrottle

from aftercare.accounts.actions.tokens import person_of_token
from aftercare.accounts.models import User
from aftercare.kernel.clock import utc_now

CALLS_PER_MINUTE = 600
PEOPLE_AT_MOST = 10_000


class Token(HttpBearer):
    """`Authorization: Bearer at_…`; the request is then the token's person's."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The person, in whose language sentences are told unless the call asks for another; None refuses the call."""
        user = person_of_token(token, now=utc_now())
        if user is not None:
            request.user = user
            if user.language and not request.headers.get("Accept-Language"):
                translation.activate(user.language)
        return user


class Session(SessionAuth):
    """The signed-in person's session; writes need the CSRF token as forms do."""

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """The person behind the session."""
        return request.user if isinstance(request.user, User) and request.user.is_active else None


class PerPerson(BaseThrottle):
    """At most CALLS_PER_MINUTE calls of one person in each minute, counted in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._calls: dict[int, int] = {}

    def allow_request(self, request: HttpRequest) -> bool:
        """Count the call; whether it is within the limit."""
        user: Any = request.user
        with self._lock:
            minute = int(time.monotonic() // 60)
            if minute != self._minute or len(self._calls) > PEOPLE_AT_MOST:
                self._minute = minute
                self._calls.clear()
            self._calls[user.pk] = self._calls.get(user.pk, 0) + 1
            return self._calls[user.pk] <= CALLS_PER_MINUTE

    def wait(self) -> float:
        """Seconds until the next minute."""
        return 60 - time.monotonic() % 60
