"""Customers and their apps."""

import secrets

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.clock import utc_now
from aftercare.kernel.ids import new_ref


class Rank(models.TextChoices):
    """How much a customer matters to the provider; not what it pays for."""

    ORDINARY = "ordinary", _("Ordinary")
    IMPORTANT = "important", _("Important")
    KEY = "key", _("Key account")


class Plan(models.TextChoices):
    """The service plan a customer bought."""

    BASIC = "basic", _("Basic")
    PROFESSIONAL = "professional", _("Professional")
    FLAGSHIP = "flagship", _("Flagship")


class Scenario(models.TextChoices):
    """What kind of live product an app is."""

    SHOW_LIVE = "show_live", _("Show live")
    ONE_TO_ONE = "one_to_one", _("1-to-1 social")
    VOICE_ROOM = "voice_room", _("Voice-chat room")
    GAME_LIVE = "game_live", _("Game live")
    EDUCATION = "education", _("Education")
    OTHER = "other", _("Other")


def in_readers_language(name: str, name_zh: str) -> str:
    """The Chinese name for a reader of Chinese where there is one, else the plain one."""
    return name_zh if name_zh and (get_language() or "").startswith("zh") else name


def new_user_hash_secret() -> bytes:
    """32 random bytes: the secret under which one customer's end users are hashed."""
    return secrets.token_bytes(32)


class Customer(models.Model):
    """A company served by the provider."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    rank = models.CharField(_("rank"), max_length=16, choices=Rank.choices, default=Rank.ORDINARY)
    plan = models.CharField(_("plan"), max_length=16, choices=Plan.choices, default=Plan.BASIC)
    language = models.CharField(_("language"), max_length=16, default="zh-hans")
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    user_hash_secret = models.BinaryField(max_length=32, default=new_user_hash_secret, editable=False)
    is_simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=utc_now, editable=False)

    class Meta:
        verbose_name = _("customer")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name in the reader's language."""
        return in_readers_language(self.name, self.name_zh)


class App(models.Model):
    """One live product of a customer."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="apps")
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    scenario = models.CharField(_("scenario"), max_length=16, choices=Scenario.choices, default=Scenario.OTHER)
    is_simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=utc_now, editable=False)

    class Meta:
        verbose_name = _("app")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name in the reader's language."""
        return in_readers_language(self.name, self.name_zh)
