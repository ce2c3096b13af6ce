"""Whom an outside issuer may sign in."""

from collections.abc import Sequence

from allauth.socialaccount.models import SocialAccount

from aftercare.accounts.models import User


def person_of_issuer(*, provider: str, uid: str, verified_emails: Sequence[str]) -> User | None:
    """The active person with one of these addresses, unless the issuer's account belongs to somebody else.

    A person is bound to the first account of an issuer that signed them in: an address that moves on to another
    account there does not take the person along.
    """
    emails = [email.strip().lower() for email in verified_emails]
    user = User.objects.filter(email__in=emails, is_active=True).first()
    if user is None:
        return None
    bound = SocialAccount.objects.filter(provider=provider)
    taken = bound.filter(user=user).exclude(uid=uid).exists() or bound.filter(uid=uid).exclude(user=user).exists()
    return None if taken else user
