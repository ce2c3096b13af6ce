"""The buttons under a page, as every vendor that has them shows them."""

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.notify.answers import buttons_of
from aftercare.notify.envelope import Envelope
from aftercare.notify.models import Answer


@dataclass(frozen=True)
class Button:
    """What it answers, its words in the reader's language, and what it gives back."""

    answer: Answer
    label: str
    value: str


def buttons(envelope: Envelope) -> list[Button]:
    """The buttons of this message: the three answers, then whom it can be handed over to."""
    with translation.override(envelope.language):
        return [
            Button(answer, _("Hand over to %(name)s") % {"name": name} if name else str(answer.label), value)
            for answer, value, name in buttons_of(envelope.ref, envelope.data)
        ]
