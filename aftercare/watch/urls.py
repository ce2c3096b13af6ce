"""Addresses of monitors, alerts, probes, heartbeats and hidden risks."""

from django.urls import path

from aftercare.watch.heartbeats.views import (
    heartbeat_deletion,
    heartbeat_key,
    heartbeat_list,
    heartbeat_new,
    heartbeat_page,
    heartbeat_pause,
)
from aftercare.watch.outside.door import alerts_in
from aftercare.watch.outside.views import (
    source_key,
    source_list,
    source_new,
    source_page,
    source_revocation,
    source_trial,
)
from aftercare.watch.probes.feed import probe_feed
from aftercare.watch.probes.views import probe_deletion, probe_list, probe_new, probe_page, probe_pause
from aftercare.watch.risks.rule_views import rule_deletion, rule_figure, rule_list, rule_new, rule_page
from aftercare.watch.risks.views import risk_closing, risk_list, risk_note, risk_outcomes, risk_page, risk_taking
from aftercare.watch.views.alert import alert_closing, alert_page
from aftercare.watch.views.alerts import alert_list
from aftercare.watch.views.app_part import app_monitors
from aftercare.watch.views.monitor import monitor_deletion, monitor_page
from aftercare.watch.views.monitor_series import monitor_series
from aftercare.watch.views.monitors import monitor_list, monitor_new
from aftercare.watch.views.preview import monitor_preview

app_name = "watch"
urlpatterns = [
    path("alerts", alert_list, name="alerts"),
    path("alerts/in", alerts_in, name="alerts_in_bearer"),
    path("alerts/in/<str:key>", alerts_in, name="alerts_in"),
    path("alerts/<slug:ref>", alert_page, name="alert"),
    path("alerts/<slug:ref>/closing", alert_closing, name="alert_closing"),
    path("alert-sources", source_list, name="sources"),
    path("alert-sources/new", source_new, name="new_source"),
    path("alert-sources/<slug:ref>", source_page, name="source"),
    path("alert-sources/<slug:ref>/trial", source_trial, name="source_trial"),
    path("alert-sources/<slug:ref>/key", source_key, name="source_key"),
    path("alert-sources/<slug:ref>/revocation", source_revocation, name="source_revocation"),
    path("monitors", monitor_list, name="monitors"),
    path("monitors/new", monitor_new, name="new_monitor"),
    path("monitors/preview", monitor_preview, name="new_preview"),
    path("monitors/<slug:ref>", monitor_page, name="monitor"),
    path("monitors/<slug:ref>/preview", monitor_preview, name="preview"),
    path("monitors/<slug:ref>/series.json", monitor_series, name="series"),
    path("monitors/<slug:ref>/deletion", monitor_deletion, name="deletion"),
    path("apps/<slug:ref>/monitors", app_monitors, name="app_monitors"),
    path("probes", probe_list, name="probes"),
    path("probes/new", probe_new, name="new_probe"),
    path("probes/<slug:ref>", probe_page, name="probe"),
    path("probes/<slug:ref>/pause", probe_pause, name="probe_pause"),
    path("probes/<slug:ref>/deletion", probe_deletion, name="probe_deletion"),
    path("heartbeats", heartbeat_list, name="heartbeats"),
    path("heartbeats/new", heartbeat_new, name="new_heartbeat"),
    path("heartbeats/<slug:ref>", heartbeat_page, name="heartbeat"),
    path("heartbeats/<slug:ref>/pause", heartbeat_pause, name="heartbeat_pause"),
    path("heartbeats/<slug:ref>/key", heartbeat_key, name="heartbeat_key"),
    path("heartbeats/<slug:ref>/deletion", heartbeat_deletion, name="heartbeat_deletion"),
    path("v1/probe/targets", probe_feed, name="probe_feed"),
    path("risks", risk_list, name="risks"),
    path("risks/outcomes", risk_outcomes, name="risk_outcomes"),
    path("risks/<slug:ref>", risk_page, name="risk"),
    path("risks/<slug:ref>/taking", risk_taking, name="risk_taking"),
    path("risks/<slug:ref>/notes", risk_note, name="risk_note"),
    path("risks/<slug:ref>/closing", risk_closing, name="risk_closing"),
    path("risk-rules", rule_list, name="risk_rules"),
    path("risk-rules/new", rule_new, name="new_risk_rule"),
    path("risk-rules/<slug:ref>", rule_page, name="risk_rule"),
    path("risk-rules/<slug:ref>/figures", rule_figure, name="risk_figure"),
    path("risk-rules/<slug:ref>/deletion", rule_deletion, name="risk_rule_deletion"),
]
