"""What search reads: one document for each ticket, for each day of a service group, and for each contact."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Kind(models.IntegerChoices):
    TICKET = 1, _("Tickets")
    GROUP = 2, _("Service groups")
    CONTACT = 3, _("Contacts")


class Document(models.Model):
    """The words of one thing, cut into tokens by `search.tokens`, beside the columns that a search filters by.

    The row itself stays narrow (tokens and texts lie beside the table), so that an exact count of half a million
    hits reads a few thousand pages. Tokens of internal notes carry a mark; customers' searches never ask for it.
    `text` and `inner_text` are folded, for phrases that tokens alone cannot prove.
    """

    kind = models.PositiveSmallIntegerField(choices=Kind.choices)
    status = models.CharField(max_length=20, blank=True)
    severity = models.CharField(max_length=2, blank=True)
    way = models.CharField(max_length=8, blank=True)
    is_cut = models.BooleanField(default=False)  # a conversation with more different words than are kept
    day = models.DateField(null=True)
    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    group = models.ForeignKey("desk.Group", on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    contact = models.ForeignKey("desk.Contact", on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    customer = models.ForeignKey(
        "accounts.Customer", on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    assignee_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    said_at = models.DateTimeField()
    indexed_at = models.DateTimeField()
    tokens = SearchVectorField()
    text = models.TextField(blank=True)
    inner_text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(ticket__isnull=False), name="desk_document_ticket"),
            models.UniqueConstraint(
                fields=["group", "day"], condition=Q(group__isnull=False), name="desk_document_group"
            ),
            models.UniqueConstraint(
                fields=["contact"], condition=Q(contact__isnull=False), name="desk_document_contact"
            ),
        ]
        indexes = [GinIndex(fields=["tokens"], name="desk_document_tokens")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Unindexed(models.Model):
    """Something whose document is to be written anew. Triggers of the database append a row in the writer's own
    transaction, so that no way of writing can forget it; `engine.searching` takes rows away.

    Rows are only ever appended: a writer never waits for the engine, and what commits late is taken late.
    """

    kind = models.PositiveSmallIntegerField(choices=Kind.choices)
    subject_id = models.BigIntegerField()
    day = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)  # at once when empty
    # A ticket of which no word has changed: who has it, how grave it is. Its tokens stay as they are.
    is_wordless = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["due_at", "id"], name="desk_unindexed_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
