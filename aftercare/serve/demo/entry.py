"""The signed address by which one enters the demo as one of its people."""

from urllib.parse import quote

from django.conf import settings

from aftercare.accounts.models import User
from aftercare.kernel.signing import is_signed, sign


def entry_path(person: str) -> str:
    """The path that signs this person of the demo in; only who holds the demo's secret can make one."""
    return f"/demo/enter/{person}?key={quote(sign(secret(), 'demo-enter', person))}"


def is_entry(person: str, key: str) -> bool:
    """Whether the key was made for this person."""
    return is_signed(secret(), "demo-enter", person, key)


def demo_person(name: str) -> User | None:
    """The person of this name in the demo's world."""
    return User.objects.filter(email__startswith=f"{name}@").first()


def secret() -> bytes:
    """The installation's secret."""
    return settings.SECRET_KEY.encode()
