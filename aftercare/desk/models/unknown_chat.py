"""Chats that nobody has placed yet: somebody added our bot, and speaks there."""

from django.db import models

from aftercare.kernel.ids import new_ref


class UnknownChat(models.Model):
    """A chat of one account that is no service group of ours. What was said in it is kept (`Inbound`, parked).

    Once a group with this chat exists, its messages are worked on as if they had just come.
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    account = models.ForeignKey("notify.Account", on_delete=models.CASCADE, related_name="unknown_chats")
    chat_id = models.CharField(max_length=200)
    name = models.CharField(max_length=120, blank=True)
    messages = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_seen_at", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "chat_id"], name="desk_unknown_chat_once")]

    def __str__(self) -> str:
        return self.name or self.chat_id
