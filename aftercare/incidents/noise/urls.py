"""Addresses of silences, rules of inhibition and what was held back."""

from django.urls import path

from aftercare.incidents.noise import rule_views, views

urlpatterns = [
    path("silences", views.silences, name="silences"),
    path("silences/new", views.new_silence, name="new_silence"),
    path("silences/held", views.held_alerts, name="held_alerts"),
    path("silences/held/<slug:ref>/why", views.why_part, name="why_held"),
    path("silences/inhibition", rule_views.inhibitions, name="inhibitions"),
    path("silences/inhibition/<slug:ref>/removal", rule_views.inhibition_removal, name="inhibition_removal"),
    path("silences/<slug:ref>", views.silence, name="silence"),
    path("silences/<slug:ref>/end", views.silence_end, name="silence_end"),
    path("silences/<slug:ref>/until", views.silence_until, name="silence_until"),
]
