"""Calls of those who deliver: what went wrong with a call, as what it means for the delivery."""

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _

from aftercare.kernel.calls import Answer, NoAnswer, NotSent, Step, call
from aftercare.kernel.outbound import is_anybodys, is_public
from aftercare.notify.adapters.addresses import SENTENCES
from aftercare.notify.config import allows_private_webhooks
from aftercare.notify.outcome import Outcome, permanent, temporary, unknown

ANSWER_AT_MOST = 1 << 20
TIMEOUT_S = 5.0
STEPS = {
    Step.NAME: _("The host name could not be resolved"),
    Step.CONNECTION: _("No connection"),
    Step.TLS: _("No secure connection"),
}


class Undelivered(Exception):
    """A call that brought nothing, with what that means for the delivery."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error)
        self.outcome = outcome


def ask(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str],
    most_bytes: int = ANSWER_AT_MOST,
) -> Answer:
    """One exchange within TIMEOUT_S, with public addresses unless private ones are allowed; of the answer's body
    `most_bytes` are read. Raises Undelivered."""
    is_allowed = is_anybodys if allows_private_webhooks() else is_public
    try:
        return call(
            method,
            url,
            headers=headers,
            body=body,
            timeout_s=TIMEOUT_S,
            most_bytes=most_bytes,
            cuts=True,
            is_allowed=is_allowed,
        )
    except (NotSent, NoAnswer) as error:
        raise Undelivered(outcome_of(error)) from None


def outcome_of(error: NotSent | NoAnswer) -> Outcome:
    """What it means for a delivery that its call was not sent, or not answered."""
    if isinstance(error, NoAnswer):
        return unknown(_("No answer"), str(error))
    if error.address is not None:
        return permanent(SENTENCES[error.address.wrong])
    return temporary(STEPS[error.step], str(error))
