"""Addresses of runbooks and drills."""

from django.urls import path

from aftercare.incidents.runbooks import views

urlpatterns = [
    path("runbooks", views.runbooks, name="runbooks"),
    path("runbooks/new", views.runbook, name="new_runbook"),
    path("runbooks/<slug:ref>", views.runbook, name="runbook"),
    path("runbooks/<slug:ref>/retirement", views.retire, name="retire_runbook"),
    path("incidents/<slug:ref>/runs", views.start, name="start_run"),
    path("runs/<slug:ref>", views.run, name="run"),
    path("drills", views.drills, name="drills"),
    path("drills/<slug:ref>", views.drill, name="drill"),
]
