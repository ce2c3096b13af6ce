"""Mail of ours that came back: its delivery failed, and an address that is given up gets no more."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.desk.mail.addresses import plain
from aftercare.desk.mail.automatic import bounced_of
from aftercare.desk.mail.parsing import Mail
from aftercare.desk.mail.tokens import named_by
from aftercare.desk.models import BouncedAddress, Message, Side, Ticket, Way
from aftercare.notify import actions as notify
from aftercare.notify.queries import get_delivery


def take_back(mail: Mail, now: datetime) -> bool:
    """Note what a delivery report says of mail of ours; whether it was ours. A report that names no identifier that we
    signed, or an address that we did not write to, changes nothing: anybody can send one.
    """
    reports, ids = bounced_of(mail)
    known = False
    for ticket_ref, delivery_ref in dict.fromkeys(named_by(one) for one in ids):
        delivery = get_delivery(delivery_ref) if delivery_ref else None
        ticket = Ticket.objects.filter(ref=ticket_ref).first()
        if delivery is None or ticket is None:
            continue
        told = {plain(delivery.address), *map(plain, delivery.data.get("mail", {}).get("cc", []))}
        for report in reports:
            if report.address not in told or not report.is_final:
                continue
            known = True
            BouncedAddress.objects.update_or_create(
                address=report.address, defaults={"reason": report.reason, "since": now}
            )
            if plain(delivery.address) == report.address:
                notify.mark_returned(delivery=delivery, reason=report.reason, now=now)
            say_so(ticket, report.address, report.reason, now)
    return known


def say_so(ticket: Ticket, address: str, reason: str, now: datetime) -> None:
    """Tell the agents that their words did not arrive."""
    told = {"address": address, "reason": reason}
    words = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words[language] = _("Our mail to %(address)s came back: %(reason)s") % told
    Message.objects.create(
        ticket=ticket,
        side=Side.SYSTEM,
        way=Way.SYSTEM,
        internal=True,
        body=words["en"],
        body_zh=words["zh-hans"],
        created_at=now,
    )
