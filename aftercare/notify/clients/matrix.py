"""A Matrix homeserver, spoken with as an application service (client-server API v3, application service API v1).

An account's `config` has `homeserver` (its address), `server_name` (the part of ids after the colon), `sender` (our
own user) and `prefix` (of the virtual users); its `secrets` have `as_token` (ours) and `hs_token` (the homeserver's).
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from aftercare.kernel.calls import Answer, call
from aftercare.notify.envelope import Credentials

SENDER = "aftercare"
PREFIX = "ac_"


class MatrixError(Exception):
    """The homeserver said no: `errcode` is the specification's."""

    def __init__(self, status: int, errcode: str, said: str) -> None:
        super().__init__(f"HTTP {status} {errcode} {said}".strip())
        self.status = status
        self.errcode = errcode


@dataclass(frozen=True)
class Homeserver:
    """One homeserver with our standing on it."""

    address: str
    server_name: str
    sender: str
    prefix: str
    token: str

    @classmethod
    def of(cls, account: Credentials) -> "Homeserver":
        """The homeserver of an account."""
        config = account.config
        return cls(
            address=str(config["homeserver"]).rstrip("/"),
            server_name=str(config["server_name"]),
            sender=str(config.get("sender") or SENDER),
            prefix=str(config.get("prefix") or PREFIX),
            token=account.secrets["as_token"],
        )

    def user_id(self, localpart: str) -> str:
        """The full id of a user of ours."""
        return f"@{localpart}:{self.server_name}"

    def is_ours(self, user_id: str) -> bool:
        """Whether this user is our own one or one of our virtual ones."""
        name, _, server = user_id.removeprefix("@").partition(":")
        return server == self.server_name and (name == self.sender or name.startswith(self.prefix))

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, user: str = "", timeout_s: float = 5.0
    ) -> dict[str, Any]:
        """One call, as `user` (a full id) or as ourselves. Raises MatrixError, NotSent or NoAnswer."""
        query = f"?{urlencode({'user_id': user})}" if user else ""
        text = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        answer = call(
            method, f"{self.address}/_matrix/client/{path}{query}", headers=headers, body=text, timeout_s=timeout_s
        )
        return said_by(answer)

    def download(self, mxc: str, *, most_bytes: int, timeout_s: float = 5.0) -> bytes:
        """The bytes of an `mxc://` address, fetched from our own homeserver. Raises as `ask` does; ValueError."""
        server, _, media = mxc.removeprefix("mxc://").partition("/")
        if not mxc.startswith("mxc://") or not server or not media or len(mxc) > 255:
            raise ValueError(mxc)
        path = f"{self.address}/_matrix/client/v1/media/download/{escaped(server)}/{escaped(media)}"
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = call("GET", path, headers=headers, timeout_s=timeout_s, most_bytes=most_bytes)
        if answer.status != 200:
            said_by(answer)
        return answer.body


def escaped(part: str) -> str:
    """One segment of a path."""
    return quote(part, safe="")


def said_by(answer: Answer) -> dict[str, Any]:
    """The JSON object of a good answer. Raises MatrixError for any other."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = {}
    if not isinstance(said, dict):
        said = {}
    if answer.status != 200:
        raise MatrixError(answer.status, str(said.get("errcode", "")), str(said.get("error", ""))[:200])
    return said
