"""Compare-and-set: one row lock, one version, and the name of whoever was first."""

from django.utils.translation import gettext as _

from aftercare.desk.models import Message, Ticket, TicketEvent
from aftercare.kernel.errors import Refused

BODY_LIMIT = 20_000


def locked(ticket: Ticket, version: int | None) -> Ticket:
    """The ticket's row, locked until the transaction ends.

    Raises Refused, saying who was first, when `version` is given and somebody has changed the ticket since.
    """
    row = Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    refuse_stale(row, version)
    return row


def refuse_stale(row: Ticket, version: int | None) -> None:
    """Raise Refused with the name of who was first, when somebody has changed the ticket since `version`."""
    if version is not None and row.version != version:
        name = last_hand(row)
        raise Refused(_("%(name)s was here first. Read what changed, then send again.") % {"name": name})


def locked_landing(ticket: Ticket, version: int | None) -> Ticket:
    """The row that words to this ticket go to, locked: itself, or what it was merged into in the end.

    Only that one row is locked, so that nobody waits crosswise with a merge or its undoing. `version` is the ticket's
    own and says nothing of another's. Raises Refused when it is stale.
    """
    place = ticket
    while True:
        unmerged = Ticket.objects.select_for_update(no_key=True, of=("self",)).filter(pk=place.pk, merged_into=None)
        row = unmerged.select_related("customer", "assignee", "contact__chat_visitor").first()
        if row is not None:
            refuse_stale(row, version if row.pk == ticket.pk else None)
            return row
        place = landing(Ticket.objects.get(pk=ticket.pk))


def landing(ticket: Ticket) -> Ticket:
    """Where words to this ticket go: itself, or what it was merged into. Chains end, since cycles are refused."""
    while ticket.merged_into is not None:
        ticket = ticket.merged_into
    return ticket


def last_hand(ticket: Ticket) -> str:
    """The name of the person who changed the ticket last."""
    message = (
        Message.objects.filter(ticket=ticket).select_related("author", "contact").order_by("-created_at", "-pk").first()
    )
    event = TicketEvent.objects.filter(ticket=ticket).select_related("actor").order_by("-at", "-pk").first()
    if event and (message is None or event.at >= message.created_at):
        return event.actor.name if event.actor else _("The system")
    return (message.speaker_name if message else "") or _("The system")


def checked_title(title: str) -> str:
    """The title in one line. Raises Refused when it is empty or beyond 200 characters."""
    title = " ".join(title.replace("\x00", "").split())
    if not 1 <= len(title) <= 200:
        raise Refused(_("Give the ticket a title of at most 200 characters: what happens, and where."))
    return title


def checked_body(body: str, *, has_files: bool = False) -> str:
    """The text without surrounding space; empty only beside files. Raises Refused when it is beyond BODY_LIMIT."""
    body = body.replace("\x00", "").replace("\r\n", "\n").strip()
    if not body and not has_files:
        raise Refused(_("The message is empty. Write something, then send."))
    if len(body) > BODY_LIMIT:
        raise Refused(_("The message is longer than %(limit)s characters. Shorten it.") % {"limit": BODY_LIMIT})
    return body
