"""Every room's addresses and its part of the API; each room keeps its own list."""

from importlib import import_module

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import module_has_submodule

from aftercare import __version__
from aftercare.accounts.bearer import PerPerson, Session, Token
from aftercare.web.api import Api, PlainText, answer_errors

api = Api(
    title="Aftercare",
    version=__version__,
    description="Everything a page can do. A token acts as the person who made it, behind the same walls.",
    auth=[Token(), Session()],
    throttle=[PerPerson()],
    parser=PlainText(),
    urls_namespace="api",
    docs_url=None,
)
answer_errors(api)

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("aftercare.accounts.sign_in_urls")),
]
for room in apps.get_app_configs():
    if not room.name.startswith("aftercare.") or room.module is None:
        continue
    if module_has_submodule(room.module, "api") and room.label != "web":
        api.add_router("", import_module(f"{room.name}.api").router)
    if module_has_submodule(room.module, "urls"):
        urlpatterns.append(path("", include(f"{room.name}.urls")))
urlpatterns.append(path("api/v1/", api.urls))

handler400 = "aftercare.web.errors.bad_request"
handler403 = "aftercare.web.errors.forbidden"
handler404 = "aftercare.web.errors.not_found"
handler500 = "aftercare.web.errors.server_error"
