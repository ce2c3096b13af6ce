"""What the provider asks of its on-call: how much of one person, how holes are met, the weekly mail, the test calls."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OnHoles(models.TextChoices):
    """What happens when an edit would leave a time uncovered that was covered."""

    WARN = "warn", _("shown first, and may be saved")
    REFUSE = "refuse", _("not saved")


class Weekday(models.IntegerChoices):
    """As `date.weekday` counts."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class OncallSettings(models.Model):
    """One row. Limits that are None ask nothing; hours of the mail are by `timezone`, those of test calls by the zone
    of whoever is called. Nothing that was due before `since` is made up for.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    # Two weeks without a break: nobody's schedule means that, it comes of covers and of two schedules at once.
    longest_h = models.PositiveSmallIntegerField(_("hours without a break"), null=True, default=14 * 24)
    most_hours = models.PositiveSmallIntegerField(_("hours in any seven days"), null=True)
    most_nights = models.PositiveSmallIntegerField(_("nights in any seven days"), null=True)
    ahead_days = models.PositiveSmallIntegerField(_("days looked ahead"), default=90)
    on_holes = models.CharField(_("holes"), max_length=8, choices=OnHoles.choices, default=OnHoles.WARN)
    mails = models.BooleanField(_("mail the coverage every week"), default=True)
    mail_weekday = models.PositiveSmallIntegerField(_("on"), choices=Weekday.choices, default=Weekday.MONDAY)
    mail_hour = models.PositiveSmallIntegerField(_("at, o'clock"), default=9)
    calls = models.BooleanField(_("call everybody once a month to test"), default=True)
    calls_from = models.PositiveSmallIntegerField(_("not before, o'clock"), default=10)
    calls_until = models.PositiveSmallIntegerField(_("not after, o'clock"), default=18)
    answer_within_min = models.PositiveSmallIntegerField(_("minutes to answer"), default=15)
    calls_planned_at = models.DateTimeField(null=True)
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("settings of the on-call")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_row_of_settings")]

    def __str__(self) -> str:
        return "settings of the on-call"


class CoverageMail(models.Model):
    """The coverage was mailed in the week that begins with this Monday: once, whoever asks again."""

    week = models.DateField(unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.week}"
