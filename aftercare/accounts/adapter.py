"""How allauth signs people in here: by invitation only, and only those who are active.

allauth ships no types, so what it hands over is Any.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.accounts.queries.sign_in import person_of_issuer
from aftercare.accounts.sign_in import record_failed_sign_in, record_sign_in
from aftercare.kernel.clock import utc_now
from aftercare.kernel.sealing import seal, unseal


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed: people come by invitation. Every sign-in is in the audit."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an account is made by an invitation."""
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str = "", *args: Any, **more: Any
    ) -> None:
        """allauth's messages, without the one that tells people that they signed in: they can see it."""
        if message_template != "account/messages/logged_in.txt":
            super().add_message(request, level, message_template, *args, **more)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address, by which sign-ins are counted; the neighbour's own where it came past the proxies."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:  # fewer hops than AFTERCARE_TRUSTED_PROXIES
            return str(request.META.get("REMOTE_ADDR") or "unknown")

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Keep that the person signed in, and how."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        steps = get_authentication_records(request, user)
        record_sign_in(user=user, methods=[str(step.get("method")) for step in steps], now=utc_now())
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Keep that somebody tried a wrong password on one of our people."""
        record_failed_sign_in(email=str(credentials.get("email", "")), now=utc_now())

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the person's own password; throttled like signing in.

        allauth looks the address up in its own table, which stays empty here: the e-mail is the person's, set by
        whoever invited them.
        """
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send allauth's letters where a mail server is set; without one there is no way to, and nobody waits."""
        if settings.EMAIL_HOST:
            super().send_mail(template_prefix, email, context)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of second factors encrypted, so that a copy of the database alone signs nobody in."""

    def encrypt(self, text: str) -> str:
        """The text under a key made from the secret key of this installation."""
        return seal(settings.SECRET_KEY, "second factors", text)

    def decrypt(self, encrypted_text: str) -> str:
        """The text again. Raises InvalidToken once the secret key was changed: second factors must be set up anew."""
        return unseal(settings.SECRET_KEY, "second factors", encrypted_text)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """An OpenID Connect issuer may sign in whom we know already; it makes nobody."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: an account is made by an invitation."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let in the active person whose e-mail the issuer has verified, every time anew; refuse all others."""
        verified = [a.email for a in sociallogin.email_addresses if a.verified is True]
        user = person_of_issuer(
            provider=sociallogin.account.provider, uid=sociallogin.account.uid, verified_emails=verified
        )
        if user is None or (request.user.is_authenticated and request.user != user):
            refusal = _(
                "Your identity was confirmed, but nobody here has that verified e-mail address. Ask for an invitation."
            )
            messages.error(request, refusal)
            raise ImmediateHttpResponse(redirect("account_login"))
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)
