"""What agents put tickets in order with: tags, own fields, saved views, macros."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.models.customer import in_readers_language
from aftercare.kernel.ids import new_ref


class Tag(models.Model):
    """A word that the provider sorts tickets by; customers never see it."""

    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="desk_tag_once")]

    def __str__(self) -> str:
        return self.name


class FieldType(models.TextChoices):
    TEXT = "text", _("text")
    NUMBER = "number", _("number")
    DAY = "day", _("day")
    YES_NO = "yes_no", _("yes or no")
    CHOICE = "choice", _("one of a list")


class Field(models.Model):
    """A question of the provider's own about tickets; `ways` narrows it to tickets that began in those ways."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(_("name"), max_length=60)
    name_zh = models.CharField(_("Chinese name"), max_length=60, blank=True)
    type = models.CharField(_("type"), max_length=8, choices=FieldType.choices, default=FieldType.TEXT)
    choices: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list, blank=True)
    ways: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list, blank=True)
    is_used = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return in_readers_language(self.name, self.name_zh)


class FieldValue(models.Model):
    """What a ticket says to one of those questions, as JSON of its type; a day as 2026-11-30."""

    ticket = models.ForeignKey("desk.Ticket", on_delete=models.CASCADE, related_name="field_values")
    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="values")
    value: "models.JSONField[Any, Any]" = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "field"], name="desk_field_value_once")]

    def __str__(self) -> str:
        return f"{self.field_id}: {self.value}"


class SavedView(models.Model):
    """Filters of the inbox under a name: one person's own, or everybody's where `is_shared`."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    is_shared = models.BooleanField(default=False)
    filters: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="desk_view_once"),
            models.UniqueConstraint(fields=["name"], condition=Q(is_shared=True), name="desk_shared_view_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Macro(models.Model):
    """Words kept for the next time, in both languages, and what is done to the ticket with them.

    `does`: any of `status` ("solved"), `severity`, `tags` (names), `assign` ("me"). `owner` None is for everybody.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=60)
    body = models.TextField(blank=True)
    body_zh = models.TextField(blank=True)
    does: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
