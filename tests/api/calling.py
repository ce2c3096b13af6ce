"""A program that calls the API with a real token of a person's."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aftercare.accounts.actions.tokens import issue_token
from aftercare.accounts.models import User
from tests.world import World


class Program:
    """One token's calls; each gives the parsed body, and fails for another status than the expected one."""

    def __init__(self, world: World, user: User) -> None:
        secret = issue_token(user=user, label="test", life_days=1, now=world.now).secret
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def __call__(self, method: str, path: str, body: Any = None, *, expect: int = 200, **headers: str) -> Any:
        """Call /api/v1 and read the answer."""
        call = getattr(self.client, method)
        if method == "get":
            answer = call(f"/api/v1{path}", body, headers=headers)
        else:
            answer = call(f"/api/v1{path}", json.dumps(body or {}), content_type="application/json", headers=headers)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == expect, (method, path, answer.status_code, text[:500])
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return json.loads(text) if text and is_json else text

    def get(self, path: str, expect: int = 200, **asked: Any) -> Any:
        """Read something."""
        return self("get", path, asked, expect=expect)

    def post(self, path: str, expect: int = 200, **body: Any) -> Any:
        """Do something."""
        return self("post", path, body, expect=expect)

    def put(self, path: str, expect: int = 200, **body: Any) -> Any:
        """Say something anew."""
        return self("put", path, body, expect=expect)

    def delete(self, path: str, expect: int = 204) -> Any:
        """Take something away."""
        return self("delete", path, expect=expect)

    def upload(self, path: str, field: str, name: str, data: bytes, expect: int = 200) -> Any:
        """Send one file as a form does."""
        answer = self.client.post(f"/api/v1{path}", {field: SimpleUploadedFile(name, data)})
        assert answer.status_code == expect, answer.content[:500]
        return answer.json()
