"""Writing a post-mortem together: each save names the version that it was made from, and overwrites nobody's."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, Customer, User
from aftercare.incidents.actions.handling import tell_customers
from aftercare.incidents.actions.locking import locked
from aftercare.incidents.actions.recording import record
from aftercare.incidents.models import (
    Incident,
    IncidentCustomer,
    Kind,
    PostMortem,
    PostMortemVersion,
    Publication,
    ReportState,
)
from aftercare.incidents.review import duty
from aftercare.incidents.review.document import document_for
from aftercare.incidents.review.judging import plain
from aftercare.incidents.review.sections import SECTIONS, TOLD_KEYS, first_content
from aftercare.incidents.timeline import write_entry
from aftercare.kernel.errors import Refused
from aftercare.web.languages import in_both

LONGEST = 20_000
NEXT = {
    ReportState.DRAFT: (ReportState.REVIEW,),
    ReportState.REVIEW: (ReportState.DRAFT, ReportState.PUBLISHED),
    ReportState.PUBLISHED: (ReportState.DRAFT,),
}


class Conflict(Refused):
    """Somebody saved another version meanwhile: nothing was written, and both texts are to be seen."""


class Names(Refused):
    """The text names somebody whom this reader is not to read of; who looked at it may publish all the same."""


@transaction.atomic
def begin(*, incident: Incident, actor: User, now: datetime) -> PostMortem:
    """The post-mortem of an incident, drafted out of what it knows; the one that there is, where there is one."""
    row = locked(incident)
    known = PostMortem.objects.filter(incident=row).first()
    if known is not None:
        return known
    made = PostMortem.objects.create(incident=row, content=first_content(row), created_at=now)
    made.versions.create(number=1, content=made.content, at=now, by=actor)
    write_entry(row, Kind.REPORT, now=now, actor=actor)
    record("incident.post_mortem", row, actor, {"ref": made.ref}, now)
    return made


@transaction.atomic
def save(*, post_mortem: PostMortem, content: dict[str, Any], seen: int, actor: User, now: datetime) -> PostMortem:
    """The next version, made from version `seen`. A published one becomes a draft again; what is out stays out.

    Raises Conflict where somebody saved meanwhile, Refused for too much.
    """
    row = held(post_mortem)
    content = checked(row, content)
    if row.version != seen:
        if content == row.content:
            return row  # pressed twice
        last = row.versions.select_related("by").first()
        name = last.by.name if last else ""
        raise Conflict(_("%(name)s saved version %(n)s meanwhile.") % {"name": name, "n": row.version})
    if content == row.content:
        return row
    row.version, row.content = row.version + 1, content
    if row.state == ReportState.PUBLISHED:
        row.state = ReportState.DRAFT
    row.save(update_fields=["version", "content", "state"])
    PostMortemVersion.objects.create(post_mortem=row, number=row.version, content=content, at=now, by=actor)
    record("incident.post_mortem_save", row.incident, actor, {"ref": row.ref, "version": row.version}, now)
    return row


@transaction.atomic
def move(*, post_mortem: PostMortem, state: str, seen: int, actor: User, now: datetime) -> PostMortem:
    """On to review, or back to a draft. Raises Conflict for another version than `seen`, Refused for another way."""
    row = held(post_mortem)
    if row.state == state:
        return row
    if row.version != seen:
        raise Conflict(_("Somebody saved another version meanwhile. Look at it first."))
    if state not in NEXT[ReportState(row.state)] or state == ReportState.PUBLISHED:
        raise Refused(_("A post-mortem goes from draft to review, and is published from there."))
    row.state = state
    row.save(update_fields=["state"])
    record("incident.post_mortem_state", row.incident, actor, {"ref": row.ref, "state": state}, now)
    return row


@transaction.atomic
def publish(
    *,
    post_mortem: PostMortem,
    customers: Sequence[Customer],
    seen: int,
    anyway: bool = False,
    actor: User,
    now: datetime,
) -> list[Publication]:
    """Give each customer a document of its own, and say so in its ticket. The same version twice is once.

    Raises Conflict for another version than `seen`; Refused while it is no longer in review, without customers, for one
    that the incident does not touch, and while a draft's brackets are left; Names for names that they must not read,
    unless `anyway`.
    """
    row, refs = held(post_mortem), {one.pk for one in customers}
    if row.version != seen:
        raise Conflict(_("Somebody saved another version meanwhile. Look at it first."))
    if row.state == ReportState.DRAFT:
        raise Refused(_("Have somebody review it first."))
    if not refs:
        raise Refused(_("Choose at least one customer."))
    touched = {one.customer_id for one in row.incident.customers.all()}
    if not refs <= touched:
        raise Refused(_("The incident does not touch this customer."))
    if left := brackets_left(row.content):
        raise Refused(_("Write what you know in place of %(what)s, or take it out.") % {"what": left[0]})
    made = []
    for customer in sorted(customers, key=lambda one: one.pk):
        document = document_for(row, customer)
        if not anyway and (named := names_in(row, document, customer)):
            values = {"customer": customer.display_name, "names": ", ".join(named)}
            raise Names(_("%(customer)s would read of %(names)s.") % values)
        one, is_new = Publication.objects.get_or_create(
            post_mortem=row, customer=customer, version=row.version, defaults=made_by(document, actor, now)
        )
        made += [one] if is_new else []
    row.state = ReportState.PUBLISHED
    row.save(update_fields=["state"])
    if made:
        write_entry(
            row.incident,
            Kind.REPORT_PUBLISHED,
            now=now,
            actor=actor,
            people=[one.customer.display_name for one in made],
        )
        tell(row.incident, {one.customer_id for one in made}, row.ref, now)
        refs_told = [one.customer.ref for one in made]
        record("incident.publish", row.incident, actor, {"version": row.version, "customers": refs_told}, now)
    duty.report_published(row.incident, now)
    return made


def made_by(document: dict[str, Any], actor: User, now: datetime) -> dict[str, Any]:
    """What a new publication holds beside its key."""
    return {"document": document, "at": now, "by": actor}


def tell(incident: Incident, customer_ids: set[int], ref: str, now: datetime) -> None:
    """Say in the tickets of these customers that their report is there."""
    address = f"{settings.BASE_URL}/post-mortems/{ref}"  # it is read in chats and mails, too

    def words(customer: Customer) -> str:
        return _("The report about this incident is ready: %(address)s") % {"address": address}

    told = IncidentCustomer.objects.filter(incident=incident, customer__in=customer_ids)
    tell_customers(incident, words, now, among=told)


def held(post_mortem: PostMortem) -> PostMortem:
    """The post-mortem as it is now, its incident and itself locked."""
    incident = locked(post_mortem.incident)
    row = PostMortem.objects.select_for_update(no_key=True).get(pk=post_mortem.pk)
    row.incident = incident
    return row


def checked(row: PostMortem, content: dict[str, Any]) -> dict[str, Any]:
    """The content as it is kept: known parts alone, and lines of its own incident. Raises Refused for too much."""
    texts = {}
    for section in SECTIONS:
        said = content["texts"].get(section.key, {})
        texts[section.key] = {language: plain(str(said.get(language, ""))) for language in ("en", "zh")}
        if max(len(text) for text in texts[section.key].values()) > LONGEST:
            raise Refused(_("A text is longer than %(limit)s characters. Shorten it.") % {"limit": LONGEST})
    chosen = row.incident.timeline.filter(pk__in=content["lines"]).order_by("at", "pk")
    return {
        "texts": texts,
        "lines": list(chosen.values_list("pk", flat=True)),
        "told": [key for key in TOLD_KEYS if key in content["told"]],
        "names": bool(content["names"]),
    }


def brackets_left(content: dict[str, Any]) -> list[str]:
    """What a draft asked for and nobody wrote, in the parts that customers read."""
    cause = in_both(lambda: _("[What broke, since when, and why it was not caught before users felt it.]"))
    drafts = (*cause, *in_both(lambda: _("How many users felt it is not known: [what is known].")))
    asked = {found for words in drafts for found in re.findall(r"\[[^\[\]]+\]", words)}
    told = [text for key, texts in content["texts"].items() if key in content["told"] for text in texts.values()]
    return [one for one in sorted(asked) if any(one in text for text in told)]


def names_in(row: PostMortem, document: dict[str, Any], customer: Customer) -> list[str]:
    """Names in what this customer would read that are not theirs to read: other customers' and their apps', ours."""
    said = "\n".join(texts_in(document))
    others = Customer.objects.exclude(pk=customer.pk).values_list("name", "name_zh")
    apps = App.objects.exclude(customer=customer).values_list("name", "name_zh")
    own = {name for pair in customer.apps.values_list("name", "name_zh") for name in pair}
    names = {name for pair in (*others, *apps) for name in pair} - own - {customer.name, customer.name_zh}
    if not row.content["names"]:
        names |= set(User.objects.filter(customer=None).values_list("name", flat=True))
    return sorted(name for name in names if len(name) > 1 and is_named(name, said))


def is_named(name: str, said: str) -> bool:
    """Whether the text has the name, as a word where it is of letters."""
    if name.isascii():
        return re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", said) is not None
    return name in said


def texts_in(document: Any) -> list[str]:
    """Every text of a document, at whatever depth; drawings are figures alone."""
    if isinstance(document, str):
        return [document]
    if isinstance(document, dict):
        return [text for key, value in document.items() if key != "svg" for text in texts_in(value)]
    return [text for value in document for text in texts_in(value)] if isinstance(document, list) else []
