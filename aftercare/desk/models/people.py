"""People of the customers who do not sign in, and by what each way in knows them."""

from django.conf import settings
from django.db import models

from aftercare.kernel.ids import new_ref


class Contact(models.Model):
    """Somebody who writes to us by mail, in a group or in a chat; `user` once we know which person that is.

    `customer` None is a stranger whom nobody has placed yet.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, null=True, related_name="contacts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="contacts")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["email"], name="desk_contact_email")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ours(self) -> bool:
        """Whether this is one of the provider's own people, writing from a vendor's app."""
        return self.user is not None and self.user.customer_id is None


class Identity(models.Model):
    """The id under which one account's vendor knows a contact."""

    account = models.ForeignKey("notify.Account", on_delete=models.CASCADE, related_name="identities")
    external_id = models.CharField(max_length=200)
    contact = models.ForeignKey("desk.Contact", on_delete=models.CASCADE, related_name="identities")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="desk_identity_once")]

    def __str__(self) -> str:
        return self.external_id
