"""The frame's own addresses."""

from django.urls import path

from aftercare.web.assets import asset
from aftercare.web.design import design
from aftercare.web.preferences import save_preferences
from aftercare.web.sdk import sdk_file
from aftercare.web.static_files import static_file

app_name = "web"
urlpatterns = [
    path("assets/<slug:digest>/<str:name>", asset, name="asset"),
    path("static/<path:path>", static_file, name="static"),
    path("sdk/<str:name>", sdk_file, name="sdk"),
    path("preferences", save_preferences, name="preferences"),
    path("design", design, name="design"),
]
