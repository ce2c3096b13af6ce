"""How allauth signs people in here: by invitation only, and only those who are active."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed: people come by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an account is made by an invitation."""
        return False

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Never reached while sign-up is closed; refuses should a flow of allauth's try to make a person."""
        raise PermissionError("people come by invitation")
