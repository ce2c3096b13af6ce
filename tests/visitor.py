"""Somebody at a browser without scripts: cookies, forms, redirects, over plain HTTP to a real server."""

import http.client
import re
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit


class Answer(NamedTuple):
    """What one exchange gave; `place` is where a redirect points, empty without one."""

    status: int
    text: str
    place: str


class Visitor:
    """Keeps cookies also where they are marked for TLS only, as behind the proxy that ends it."""

    def __init__(self, port: int, **headers: str) -> None:
        self._port = port
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """A page."""
        return self._exchange("GET", path, None)

    def post(self, path: str, **fields: str) -> Answer:
        """The page's form filled in and sent; the page is looked at first where there is no token yet."""
        if "csrftoken" not in self._cookies:
            self.get(path)
        return self._exchange("POST", path, urlencode(fields))

    def sign_in(self, email: str, password: str) -> bool:
        """By the form; whether it let them in."""
        answer = self.post("/accounts/login/", login=email, password=password)
        return answer.status == 302

    def _exchange(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()), **self._headers}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
            headers |= {"X-CSRFToken": self._cookies.get("csrftoken", "")}
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            link.request(method, path, body, headers)
            got = link.getresponse()
            text = got.read().decode("utf-8", "replace")
        finally:
            link.close()
        for line in got.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return Answer(got.status, text, got.getheader("Location") or "")


def path_of(link: str) -> str:
    """The path of a printed link, with its query."""
    parts = urlsplit(link)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def alert_of(page: str) -> str:
    """What a page's refusal says, tags taken out."""
    return " ".join(re.sub(r"<[^>]+>", " ", said) for said in re.findall(r'role="alert"[^>]*>(.*?)</', page, re.S))
