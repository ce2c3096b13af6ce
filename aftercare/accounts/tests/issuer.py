"""A strict OpenID Connect issuer at loopback: refuses what a real one would, and lets a test choose who signs in."""

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "aftercare", "issuer-secret"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    """What the issuer knows: who would sign in (`claims`), codes given out, tokens given out."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    id_token_changes: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    def authorize(self, address: str) -> str:
        """What the browser is sent back to after signing in at `address`; raises ValueError for a wrong request."""
        asked = dict(parse_qsl(urlsplit(address).query))
        if not address.startswith(f"{self.url}/authorize?"):
            raise ValueError(f"not the authorization endpoint: {address}")
        expected = {"client_id": CLIENT_ID, "response_type": "code", "code_challenge_method": "S256"}
        for name, value in expected.items():
            if asked.get(name) != value:
                raise ValueError(f"{name} is {asked.get(name)!r}")
        if "openid" not in asked["scope"].split() or len(asked["state"]) < 8 or len(asked["code_challenge"]) != 43:
            raise ValueError(f"scope, state or code_challenge: {asked}")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """The answer of the token endpoint; raises ValueError for a wrong request. A code works once."""
        asked = self.codes.pop(form["code"])
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        )
        if challenge != asked["code_challenge"]:
            raise ValueError("PKCE")
        if (form["client_id"], form["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            raise ValueError("client")
        if form["grant_type"] != "authorization_code" or form["redirect_uri"] != asked["redirect_uri"]:
            raise ValueError("grant or redirect_uri")
        now = int(time.time())
        standard = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60}
        id_token = jwt.encode({**self.claims, **standard, **self.id_token_changes}, KEY, "RS256", {"kid": "k1"})
        access = secrets.token_urlsafe(16)
        self.tokens.add(access)
        return {"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": id_token}

    def configuration(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def jwks(self) -> dict[str, Any]:
        """The public key."""
        return {
            "keys": [{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "k1", "use": "sig"}]
        }


class Handler(BaseHTTPRequestHandler):
    """HTTP for the issuer that its server holds."""

    server: "IssuerServer"

    def do_GET(self) -> None:
        issuer = self.server.issuer
        path = urlsplit(self.path).path
        if path == "/userinfo":
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            return self.answer(200, issuer.claims) if bearer in issuer.tokens else self.answer(401, {})
        pages = {"/.well-known/openid-configuration": issuer.configuration, "/jwks": issuer.jwks}
        return self.answer(200, pages[path]()) if path in pages else self.answer(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        try:
            self.answer(200, self.server.issuer.token(form))
        except (KeyError, ValueError):
            self.answer(400, {"error": "invalid_grant"})

    def answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Nothing: tests read answers, not logs."""


class IssuerServer(ThreadingHTTPServer):
    """The issuer behind a port of its own."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.issuer = Issuer(url=f"http://127.0.0.1:{self.server_address[1]}")
        threading.Thread(target=self.serve_forever, daemon=True).start()
