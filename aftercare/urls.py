"""Every room's addresses; each room keeps its own list."""

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import module_has_submodule

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("aftercare.accounts.sign_in_urls")),
]
for room in apps.get_app_configs():
    if room.name.startswith("aftercare.") and room.module and module_has_submodule(room.module, "urls"):
        urlpatterns.append(path("", include(f"{room.name}.urls")))

handler400 = "aftercare.web.errors.bad_request"
handler403 = "aftercare.web.errors.forbidden"
handler404 = "aftercare.web.errors.not_found"
handler500 = "aftercare.web.errors.server_error"
