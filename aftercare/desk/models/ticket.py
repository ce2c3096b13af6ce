"""A ticket, what happened to it, and who has read how far."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.desk.models.sorting import Tag
from aftercare.kernel.ids import new_ref


class Severity(models.TextChoices):
    """What the customer means by urgent, in words they use themselves."""

    P1 = "P1", _("P1 · service down")
    P2 = "P2", _("P2 · badly degraded")
    P3 = "P3", _("P3 · partly affected")
    P4 = "P4", _("P4 · question")


class Status(models.TextChoices):
    OPEN = "open", _("waiting for us")
    WAITING_CUSTOMER = "waiting_customer", _("waiting for customer")
    SOLVED = "solved", _("solved")
    CLOSED = "closed", _("closed")


class Way(models.TextChoices):
    """How a conversation began, and how a message came in."""

    PORTAL = "portal", _("console")
    API = "api", _("API")
    CHAT = "chat", _("web chat")
    EMAIL = "email", _("e-mail")
    GROUP = "group", _("service group")
    GREEN = "green", _("green channel")
    PHONE = "phone", _("phone")
    SYSTEM = "system", _("Aftercare")


UNSETTLED = (Status.OPEN, Status.WAITING_CUSTOMER)


class Ticket(models.Model):
    """One conversation about one problem of one customer. `number` counts from 1 in each customer."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    number = models.PositiveIntegerField()
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="tickets")
    app = models.ForeignKey("accounts.App", on_delete=models.PROTECT, null=True, related_name="tickets")
    title = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    severity = models.CharField(max_length=2, choices=Severity.choices)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.OPEN)
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.PORTAL)
    # Who asks, where that is not a person who signs in; and the service group that the question was asked in.
    contact = models.ForeignKey("desk.Contact", on_delete=models.PROTECT, null=True, related_name="tickets")
    group = models.ForeignKey("desk.Group", on_delete=models.PROTECT, null=True, related_name="tickets")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    incident_ref = models.CharField(max_length=16, blank=True, db_index=True)
    evidence: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)  # the oldest words of the customer nobody has answered
    # What kind of problem, and the facts asked for with it: the names and meanings are in `desk.kinds`.
    kind = models.CharField(max_length=16, blank=True)
    fields: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    # An earlier ticket of the customer whose problem came back as this one.
    follows = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="followed_by")
    # A mail that named another ticket without being part of it opened this one: for staff to judge.
    claimed_related = models.ForeignKey("desk.Ticket", on_delete=models.SET_NULL, null=True, related_name="+")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False, related_name="merged")
    # One problem of many customers: the parent's answer goes to all its children, each in its own ticket.
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, db_index=False, related_name="children")
    snoozed_until = models.DateTimeField(null=True)
    tags: "models.ManyToManyField[Tag, models.Model]" = models.ManyToManyField("desk.Tag", related_name="tickets")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "number"], name="desk_ticket_number")]
        indexes = [
            models.Index(fields=["customer", "-updated_at"], name="desk_ticket_customer"),
            models.Index(fields=["-updated_at"], name="desk_ticket_updated"),
            models.Index(
                fields=["assignee", "-updated_at"], name="desk_ticket_mine", condition=Q(assignee__isnull=False)
            ),
            models.Index(
                fields=["waiting_since"], name="desk_ticket_waiting", condition=Q(waiting_since__isnull=False)
            ),
            models.Index(
                fields=["-first_response_at"],
                name="desk_chat_answered",
                condition=Q(way="chat", first_response_at__isnull=False),
            ),
            # The inbox: those who wait, the longest wait first, then what else is unsettled, the newest first.
            models.Index(fields=["waiting_since", "id"], name="desk_ticket_queue", condition=Q(status__in=UNSETTLED)),
            models.Index(fields=["-updated_at", "-id"], name="desk_ticket_others", condition=Q(status__in=UNSETTLED)),
            models.Index(fields=["parent"], name="desk_ticket_children", condition=Q(parent__isnull=False)),
            models.Index(fields=["merged_into"], name="desk_ticket_merged", condition=Q(merged_into__isnull=False)),
            models.Index(
                fields=["snoozed_until"], name="desk_ticket_snoozed", condition=Q(snoozed_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.display_title}"

    @property
    def display_title(self) -> str:
        """The title in the reader's language."""
        return in_readers_language(self.title, self.title_zh)


class EventKind(models.TextChoices):
    CLAIMED = "claimed"
    ASSIGNED = "assigned"
    SOLVED = "solved"
    REOPENED = "reopened"
    CLOSED = "closed"
    SEVERITY = "severity"
    CALLED = "called"
    WOKEN = "woken"
    UNATTENDED = "unattended"
    TAKEN = "taken"
    PASSED_ON = "passed_on"
    OVERDUE = "overdue"
    DOWNGRADED = "downgraded"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    MERGED = "merged"
    MERGE_UNDONE = "merge_undone"
    SPLIT = "split"
    SPLIT_UNDONE = "split_undone"
    SNOOZED = "snoozed"
    WOKE = "woke"
    LINKED = "linked"


class TicketEvent(models.Model):
    """Something that happened to the ticket, told between the messages. `data` holds what its sentence needs."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    data: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["ticket", "at"], name="desk_event_thread")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%F %T}"


class TicketRead(models.Model):
    """How far a person has read a ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="reads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="desk_read_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.seen_at:%F %T}"
