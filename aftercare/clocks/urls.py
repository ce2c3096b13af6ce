"""Addresses of the calendars."""

from django.urls import path

from aftercare.clocks.views import calendars

app_name = "clocks"
urlpatterns = [
    path("settings/calendars", calendars.calendar_list, name="calendars"),
    path("settings/calendars/new", calendars.calendar_page, name="new_calendar"),
    path("settings/calendars/<slug:ref>", calendars.calendar_page, name="calendar"),
    path("settings/calendars/<slug:ref>/removal", calendars.calendar_removal, name="calendar_removal"),
]
