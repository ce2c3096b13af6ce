"""Tags, own fields, saved views and macros."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.desk.actions.locking import checked_body, locked
from aftercare.desk.macros import refuse_unknown_words
from aftercare.desk.models import Field, FieldType, FieldValue, Macro, SavedView, Severity, Tag, Ticket
from aftercare.kernel.errors import Refused

TAG_LENGTH, TAGS_AT_MOST, NAME_LENGTH = 40, 20, 60


@transaction.atomic
def tag_ticket(*, ticket: Ticket, names: Sequence[str], actor: User | None, now: datetime) -> Ticket:
    """Give the ticket exactly these tags. Raises Refused for too many, or one that is too long."""
    row = locked(ticket, None)
    wanted = checked_tags(names)
    had = sorted(row.tags.values_list("name", flat=True))
    tags = [Tag.objects.filter(name__iexact=name).first() or Tag.objects.create(name=name) for name in wanted]
    row.tags.set(tags)
    detail = {"from": had, "to": sorted(tag.name for tag in tags)}
    audit.record(actor=actor, action="ticket.tag", subject=row.ref, customer_id=row.customer_id, detail=detail, now=now)
    return row


def checked_tags(names: Sequence[str]) -> list[str]:
    """Tags in one piece each, none twice. Raises Refused for too many, or one that is too long."""
    wanted = {name.casefold(): name for name in ("-".join(name.replace("\x00", "").split()) for name in names) if name}
    if len(wanted) > TAGS_AT_MOST or any(len(name) > TAG_LENGTH for name in wanted.values()):
        raise Refused(_("A ticket has at most 20 tags of at most 40 characters each."))
    return list(wanted.values())


@transaction.atomic
def answer_field(*, ticket: Ticket, field: Field, text: str, actor: User, now: datetime) -> None:
    """Keep what the ticket says to a field; an empty text takes the answer away. Raises Refused for a wrong type."""
    row = locked(ticket, None)
    if field.ways and row.way not in field.ways:
        raise Refused(_("“%(name)s” is not asked of tickets that came in this way.") % {"name": field})
    text = text.replace("\x00", "").strip()
    if text:
        value = typed(field, text)
        FieldValue.objects.update_or_create(ticket=row, field=field, defaults={"value": value})
    else:
        value = None
        FieldValue.objects.filter(ticket=row, field=field).delete()
    detail = {"field": field.ref, "value": value}
    audit.record(
        actor=actor, action="ticket.field", subject=row.ref, customer_id=row.customer_id, detail=detail, now=now
    )


def typed(field: Field, text: str) -> Any:
    """The text as the field's type. Raises Refused when it is none."""
    try:
        match field.type:
            case FieldType.NUMBER:
                number = float(text)
                if abs(number) >= 1e15:
                    raise ValueError
                return number
            case FieldType.DAY:
                return date.fromisoformat(text).isoformat()
            case FieldType.YES_NO:
                return {"yes": True, "no": False}[text]
            case FieldType.CHOICE:
                return field.choices[field.choices.index(text)]
            case _:
                return text[:500]
    except (ValueError, KeyError):
        raise Refused(_("“%(text)s” does not fit “%(name)s”.") % {"text": text[:60], "name": field}) from None


@transaction.atomic
def save_field(*, field: Field, actor: User, now: datetime) -> Field:
    """Keep a new or changed field. Raises Refused without a name, or for a list without choices."""
    field.name = checked_name(field.name)
    field.choices = list(dict.fromkeys(choice.strip()[:100] for choice in field.choices if choice.strip()))[:100]
    if field.type not in FieldType.values or (field.type == FieldType.CHOICE and not field.choices):
        raise Refused(_("Choose a type; a list needs at least one choice."))
    field.save()
    detail = {"name": field.name, "type": field.type, "is_used": field.is_used}
    audit.record(actor=actor, action="field.change", subject=field.ref, customer_id=None, detail=detail, now=now)
    return field


@transaction.atomic
def save_view(*, owner: User, name: str, filters: dict[str, str], is_shared: bool, now: datetime) -> SavedView:
    """Keep filters under a name; the owner's view of the same name is replaced. Raises Refused when a colleague shares
    one of this name."""
    view = SavedView.objects.filter(owner=owner, name=checked_name(name)).first()
    view = view or SavedView(owner=owner, name=checked_name(name), created_at=now)
    view.filters, view.is_shared = filters, is_shared
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise Refused(_("A colleague shares a view of this name. Choose another name.")) from None
    detail = {"name": view.name, "filters": filters, "is_shared": is_shared}
    audit.record(actor=owner, action="view.save", subject=view.ref, customer_id=None, detail=detail, now=now)
    return view


@transaction.atomic
def remove_view(*, view: SavedView, actor: User, now: datetime) -> None:
    """Take a view away."""
    detail = {"name": view.name}
    audit.record(actor=actor, action="view.remove", subject=view.ref, customer_id=None, detail=detail, now=now)
    view.delete()


@transaction.atomic
def save_macro(*, macro: Macro, actor: User, now: datetime) -> Macro:
    """Keep a new or changed macro. Raises Refused without a name, for unknown {words}, or when it does nothing."""
    macro.name = checked_name(macro.name)
    does = {name: value for name, value in macro.does.items() if value}
    if does.get("severity", Severity.P1) not in Severity.values or does.get("status", "solved") != "solved":
        raise Refused(_("Choose a severity from P1 to P4."))
    if "tags" in does:
        does["tags"] = checked_tags(does["tags"])
    macro.does = {name: does[name] for name in ("status", "severity", "tags", "assign") if name in does}
    if not (macro.body.strip() or macro.body_zh.strip() or macro.does):
        raise Refused(_("Write an answer, or choose what the macro does."))
    for text in (macro.body, macro.body_zh):
        checked_body(text, has_files=True)
        refuse_unknown_words(text)
    macro.created_at = macro.created_at or now
    macro.save()
    detail = {"name": macro.name, "does": macro.does}
    audit.record(actor=actor, action="macro.save", subject=macro.ref, customer_id=None, detail=detail, now=now)
    return macro


@transaction.atomic
def remove_macro(*, macro: Macro, actor: User, now: datetime) -> None:
    """Take a macro away; what was written with it stays."""
    detail = {"name": macro.name}
    audit.record(actor=actor, action="macro.remove", subject=macro.ref, customer_id=None, detail=detail, now=now)
    macro.delete()


def checked_name(name: str) -> str:
    """A name in one line. Raises Refused when it is empty or beyond NAME_LENGTH."""
    name = " ".join(name.replace("\x00", "").split())
    if not 1 <= len(name) <= NAME_LENGTH:
        raise Refused(_("Give it a name of at most 60 characters."))
    return name
