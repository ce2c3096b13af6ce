"""The frame's own addresses."""

from django.urls import path

from aftercare.web.assets import asset
from aftercare.web.design import design
from aftercare.web.preferences import save_preferences

app_name = "web"
urlpatterns = [
    path("assets/<slug:digest>/<str:name>", asset, name="asset"),
    path("preferences", save_preferences, name="preferences"),
    path("design", design, name="design"),
]
