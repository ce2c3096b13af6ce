from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.events import AppCreated
from aftercare.audit.words import name_actions
from aftercare.kernel.events import subscribe
from aftercare.web.nav import NavItem, register

ACTIONS = {
    "heartbeat.create": _("Added a heartbeat"),
    "heartbeat.delete": _("Deleted a heartbeat"),
    "heartbeat.edit": _("Changed a heartbeat"),
    "heartbeat.pause": _("Paused a heartbeat"),
    "heartbeat.resume": _("Resumed a heartbeat"),
    "heartbeat.rotate": _("Gave a heartbeat another address"),
    "monitor.create": _("Added an alert rule"),
    "monitor.defaults": _("Gave an app the default alert rules"),
    "monitor.delete": _("Deleted an alert rule"),
    "monitor.edit": _("Changed an alert rule"),
    "alert.close": _("Closed an alert by hand"),
    "probe.create": _("Added a probe target"),
    "probe.delete": _("Deleted a probe target"),
    "probe.edit": _("Changed a probe target"),
    "probe.pause": _("Paused a probe target"),
    "probe.resume": _("Resumed a probe target"),
    "source.create": _("Added an alert source"),
    "source.edit": _("Changed an alert source"),
    "source.revoke": _("Revoked an alert source"),
    "source.rotate": _("Gave an alert source a new address"),
    "risk.close": _("Closed a hidden risk"),
    "risk.note": _("Wrote to a hidden risk"),
    "risk.reopen": _("Opened a hidden risk again"),
    "risk.take": _("Gave a hidden risk to somebody"),
    "risk_rule.create": _("Added a rule of what runs out"),
    "risk_rule.delete": _("Deleted a rule of what runs out"),
    "risk_rule.edit": _("Changed a rule of what runs out"),
    "risk_rule.figure": _("Told a rule of what runs out a figure"),
}


class WatchConfig(AppConfig):
    name = "aftercare.watch"
    label = "watch"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Give every new app its rules, and put this room's doors in the rail."""
        from aftercare.watch.handlers import on_app_created  # models can be imported only now

        subscribe(AppCreated, on_app_created)
        name_actions(ACTIONS)
        register(NavItem("alerts", _("Alerts"), "watch:alerts", "see_telemetry", order=30, letter="a"))
        register(NavItem("monitors", _("Alert rules"), "watch:monitors", "see_telemetry", order=55, letter="m"))
        sources = NavItem("sources", _("Alert sources"), "watch:sources", "see_telemetry", "provider", 56, letter="u")
        register(sources)
        register(NavItem("probes", _("Probes"), "watch:probes", "see_telemetry", order=57, letter="p"))
        register(NavItem("heartbeats", _("Heartbeats"), "watch:heartbeats", "see_telemetry", order=58, letter="b"))
        register(NavItem("risks", _("Hidden risks"), "watch:risks", "see_telemetry", order=59, letter="x"))
