"""The link that proves an e-mail address."""

from django.conf import settings
from django.urls import reverse

from aftercare.kernel.signing import is_signed, sign
from aftercare.notify.models import ContactMethod

PURPOSE = "confirm-contact"


def confirmation_path(contact: ContactMethod) -> str:
    """The path that confirms this contact method; valid for this address alone."""
    signature = sign(settings.SECRET_KEY.encode(), PURPOSE, text_of(contact))
    return reverse("notify:confirm_contact", args=[contact.ref, signature])


def proves(contact: ContactMethod, signature: str) -> bool:
    """Whether the signature of a link was made for this contact method."""
    return is_signed(settings.SECRET_KEY.encode(), PURPOSE, text_of(contact), signature)


def text_of(contact: ContactMethod) -> str:
    """What is signed: the row and its address."""
    return f"{contact.ref} {contact.address}"
