"""People of both sides, and the invitations that bring them in."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aftercare.kernel.clock import utc_now
from aftercare.kernel.ids import new_ref


class Role(models.TextChoices):
    """What a person does; the first five are the provider's, the last three a customer's."""

    ADMIN = "admin", _("Administrator")
    MANAGER = "manager", _("Manager")
    ENGINEER = "engineer", _("Engineer")
    AGENT = "agent", _("Agent")
    SUCCESS = "success", _("Success manager")
    OWNER = "owner", pgettext_lazy("role", "Owner")
    DEVELOPER = "developer", _("Developer")
    VIEWER = "viewer", _("Viewer (reads only)")


PROVIDER_ROLES = (Role.ADMIN, Role.MANAGER, Role.ENGINEER, Role.AGENT, Role.SUCCESS)
CUSTOMER_ROLES = (Role.OWNER, Role.DEVELOPER, Role.VIEWER)


class People(BaseUserManager["User"]):
    """Makes people; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who can sign in with `password`, or only by invitation or OIDC when it is None."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this e-mail address, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Without a customer it is one of the provider's staff."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    customer = models.ForeignKey("accounts.Customer", null=True, on_delete=models.PROTECT, related_name="people")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    language = models.CharField(
        _("language"),
        max_length=16,
        blank=True,
        choices=[("", _("As the browser asks")), ("en", "English"), ("zh-hans", "简体中文")],
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    theme = models.CharField(
        _("theme"),
        max_length=8,
        default="auto",
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=utc_now, editable=False)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    class Meta:
        verbose_name = _("person")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(
                condition=Q(customer__isnull=True, role__in=PROVIDER_ROLES)
                | Q(customer__isnull=False, role__in=CUSTOMER_ROLES),
                name="user_role_fits_side",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_provider(self) -> bool:
        """Whether this person is one of the provider's staff."""
        return self.customer_id is None


class Invitation(models.Model):
    """A one-time link by which a person sets a first password; only the link's fingerprint is kept."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    fingerprint = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invitation")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"
