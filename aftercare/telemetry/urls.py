"""Telemetry's addresses."""

from django.urls import path

from aftercare.telemetry.views.apps import app_list, app_shape
from aftercare.telemetry.views.bandwidth import bandwidth
from aftercare.telemetry.views.live import app_live, series_json
from aftercare.telemetry.views.measurement import measurement_page
from aftercare.telemetry.views.measurements import measurement_list
from aftercare.telemetry.views.metrics import metric_catalog
from aftercare.telemetry.views.rejects import reject_list
from aftercare.telemetry.views.resource_keys import resource_key_new
from aftercare.telemetry.views.resources import resource_list, resource_new, resource_page, service_end, service_new
from aftercare.telemetry.views.scrape_targets import (
    app_target_new,
    app_targets,
    resource_target_new,
    resource_targets,
    target_edit,
    target_page,
    target_pause,
    target_remove,
    target_trial,
)
from aftercare.telemetry.views.sessions import session_page, session_search
from aftercare.telemetry.views.user_data import export_file

app_name = "telemetry"
urlpatterns = [
    path("apps", app_list, name="apps"),
    path("apps/<slug:ref>", app_live, name="app"),
    path("apps/<slug:ref>/series.json", series_json, name="series"),
    path("apps/<slug:ref>/shape", app_shape, name="shape"),
    path("apps/<slug:ref>/bandwidth", bandwidth, name="bandwidth"),
    path("apps/<slug:ref>/measurements", measurement_list, name="measurements"),
    path("apps/<slug:ref>/measurements/<path:name>", measurement_page, name="measurement"),
    path("apps/<slug:ref>/rejects", reject_list, name="rejects"),
    path("apps/<slug:ref>/targets", app_targets, name="targets"),
    path("apps/<slug:ref>/targets/new", app_target_new, name="target_new"),
    path("apps/<slug:ref>/sessions", session_search, name="sessions"),
    path("apps/<slug:ref>/sessions/<path:session>", session_page, name="session"),
    path("metrics", metric_catalog, name="metrics"),
    path("resources", resource_list, name="resources"),
    path("resources/new", resource_new, name="resource_new"),
    path("resources/<slug:ref>", resource_page, name="resource"),
    path("resources/<slug:ref>/keys/new", resource_key_new, name="resource_key_new"),
    path("resources/<slug:ref>/customers", service_new, name="service_new"),
    path("resources/<slug:ref>/customers/<int:pk>/end", service_end, name="service_end"),
    path("resources/<slug:ref>/targets", resource_targets, name="resource_targets"),
    path("resources/<slug:ref>/targets/new", resource_target_new, name="resource_target_new"),
    path("targets/<slug:ref>", target_page, name="target"),
    path("targets/<slug:ref>/edit", target_edit, name="target_edit"),
    path("targets/<slug:ref>/trial", target_trial, name="target_trial"),
    path("targets/<slug:ref>/pause", target_pause, name="target_pause"),
    path("targets/<slug:ref>/removal", target_remove, name="target_remove"),
    path("user-data/<slug:ref>/export.ndjson", export_file, name="export"),
]
