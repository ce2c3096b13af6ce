"""What all vendors' readers do with words once they are in one shape: whose, where, in answer to what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.desk.actions import contact_of, post_in_group, reply
from aftercare.desk.actions.changing import change_message
from aftercare.desk.actions.group_commands import GroupCommand, handle
from aftercare.desk.actions.speaking import already_here
from aftercare.desk.models import Attachment, ChangeKind, Contact, Group, Inbound, Message, Status, Way
from aftercare.desk.unplaced import group_of
from aftercare.desk.vendors import errands
from aftercare.desk.vendors.commands import Asked, command_in
from aftercare.desk.vendors.files import FETCHING, MOST_BYTES, name_of
from aftercare.desk.vendors.reading import within
from aftercare.kernel.errors import Refused
from aftercare.notify.actions import reply_in_chat
from aftercare.notify.models import CONVERSATION, Delivery


@dataclass(frozen=True)
class File:
    """A file that a vendor keeps for a message; `source` is by what it hands the file out, None where it does not."""

    name: str
    media_type: str = "application/octet-stream"
    size: int = 0
    source: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Heard:
    """Words in a chat, as every vendor has them.

    `answers` are ids of the messages that these stand under, the nearest first. `is_private` says that nobody but the
    sender and our app is in the chat.
    """

    chat_id: str
    message_id: str
    sender_id: str
    text: str
    said_at: datetime
    chat_name: str = ""
    sender_name: str = ""
    answers: Sequence[str] = ()
    files: Sequence[File] = ()
    is_private: bool = False


def hear(row: Inbound, heard: Heard, now: datetime) -> Message | None:
    """Post the words where they belong, in a ticket or in the group; then do what they ask for.

    What somebody of ours writes to the app alone, while a page waits for them, answers it. Raises NoGroup where the
    chat is no group of ours.
    """
    if heard.is_private and reply_in_chat(account=row.account, address=heard.sender_id, text=heard.text, now=now):
        return None
    group = group_of(row.account, heard.chat_id, heard.chat_name)
    speaker = speaker_in(group, heard.sender_id, heard.sender_name, now)
    body = within(heard.text)
    if already_here(row.account, heard.message_id) is not None:
        return already_here(row.account, heard.message_id)
    files = [noted(file, speaker, row, group, now) for file in heard.files]
    if not body.strip() and not files:
        return None
    above = first_known(group, heard.answers)
    message = in_ticket(row, above, speaker, heard, body, files, now) or post_in_group(
        group=group,
        speaker=speaker,
        body=body,
        account=row.account,
        provider_message_id=heard.message_id,
        attachments=files,
        said_at=heard.said_at,
        now=now,
    )
    asked = command_in(heard.text)
    if asked is not None:
        set_going(asked, group, speaker, message, about=above, now=now)
    return message


def in_ticket(
    row: Inbound,
    above: Message | None,
    speaker: Contact,
    heard: Heard,
    body: str,
    files: list[Attachment],
    now: datetime,
) -> Message | None:
    """The words as an answer in the ticket of the message under which they stand, if that is open still."""
    if above is None or above.ticket is None or above.ticket.status == Status.CLOSED:
        return None
    return reply(
        ticket=above.ticket,
        author=speaker,
        body=body,
        way=Way.GROUP,
        account=row.account,
        provider_message_id=heard.message_id,
        attachments=files,
        now=now,
    )


def react(
    row: Inbound, *, chat_id: str, message_id: str, sender_id: str, sender_name: str, asked: Asked, now: datetime
) -> Message | None:
    """Do what a reaction to a message asks for; None where we do not know the message. Raises NoGroup."""
    if not chat_id:  # Feishu names the message alone
        said = Message.objects.filter(account=row.account, provider_message_id=message_id).select_related("group")
        known = said.first()
        chat_id = known.group.chat_id if known is not None and known.group is not None else ""
        if not chat_id:
            return None
    group = group_of(row.account, chat_id)
    message = known_message(group, message_id)
    if message is not None:
        speaker = speaker_in(group, sender_id, sender_name, now)
        set_going(asked, group, speaker, message, by_reaction=True, now=now)
    return message


def edited(row: Inbound, heard: Heard, mark: str, now: datetime) -> Message | None:
    """New words for an old message, which keeps what it said; a new one where we never had the old.

    `mark` tells edits apart. Raises NoGroup.
    """
    group = group_of(row.account, heard.chat_id, heard.chat_name)
    message = known_message(group, heard.message_id)
    if message is None:
        return hear(row, heard, now)
    mark = f"{heard.message_id}#edited:{mark}"
    body = within(heard.text)
    return change_message(message=message, kind=ChangeKind.EDITED, body=body, provider_message_id=mark, now=now)


def recalled(row: Inbound, *, chat_id: str, message_id: str, now: datetime) -> Message | None:
    """A message was taken back: what it said is kept for the provider. Raises NoGroup."""
    group = group_of(row.account, chat_id)
    message = known_message(group, message_id)
    if message is None:
        return None
    mark = f"{message_id}#recalled"
    return change_message(message=message, kind=ChangeKind.TAKEN_BACK, provider_message_id=mark, now=now)


def moved(row: Inbound, *, chat_id: str, to: str) -> None:
    """The vendor gave the chat a new id: the group goes with it, unless there is one of the new id already."""
    groups = Group.objects.filter(account=row.account)
    if not groups.filter(chat_id=to).exists():
        groups.filter(chat_id=chat_id).update(chat_id=to)


def set_going(
    asked: Asked,
    group: Group,
    speaker: Contact,
    message: Message,
    *,
    by_reaction: bool = False,
    about: Message | None = None,
    now: datetime,
) -> None:
    """Hand a typed command to whoever carries it out."""
    command = GroupCommand(
        verb=asked.verb,
        words=asked.words,
        group=group,
        by=speaker,
        message=message,
        by_reaction=by_reaction,
        about=about,
    )
    handle(command=command, now=now)


def speaker_in(group: Group, sender_id: str, name: str, now: datetime) -> Contact:
    """The contact behind a vendor's id. Raises Refused where the vendor names nobody."""
    if not sender_id:
        raise Refused(_("The vendor does not say who speaks."))
    sender_id = sender_id[:200]
    speaker = contact_of(
        account=group.account, external_id=sender_id, name=name, customer_id=group.customer_id, now=now
    )
    errands.ask_for_name(group.account, chat_id=group.chat_id, user_id=sender_id, contact=speaker, now=now)
    return speaker


def first_known(group: Group, message_ids: Sequence[str]) -> Message | None:
    """The first of these of the vendor's messages that we know in this group."""
    for message_id in filter(None, message_ids):
        known = known_message(group, message_id)
        if known is not None:
            return known
    return None


def known_message(group: Group, message_id: str) -> Message | None:
    """A message of this group by the vendor's id: one that came from there, or one of ours that went there."""
    here = Message.objects.filter(group=group).select_related("ticket", "author", "contact")
    came = here.filter(account_id=group.account_id, provider_message_id=message_id).first()
    if came is not None:
        return came
    went = Delivery.objects.filter(
        account_id=group.account_id, kind=CONVERSATION, provider_message_id=message_id, address=group.chat_id
    )
    ref = went.values_list("subject_ref", flat=True).first()
    return here.filter(ref=ref).first() if ref else None


def noted(file: File, speaker: Contact, row: Inbound, group: Group, now: datetime) -> Attachment:
    """A file's name, and where it is: with the vendor, from where it is fetched if the vendor lets us."""
    is_fetched = file.source is not None and row.account.channel in errands.WITH_FILES
    is_fetched = is_fetched and file.size <= MOST_BYTES
    with translation.override(group.language):
        where = _("This file is in the group's chat. Open it there.")
    kept = Attachment.objects.create(
        contact=speaker,
        name=name_of(file.name),
        media_type=file.media_type[:100],
        size=max(file.size, 0),
        refused=FETCHING if is_fetched else where,
        created_at=now,
    )
    if is_fetched and file.source is not None:
        errands.ask_for_file(row, kept, file.source, now)
    return kept
