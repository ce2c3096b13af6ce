"""allauth's pages, without those by which people would make or rename themselves."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path


def absent(request: HttpRequest) -> HttpResponse:
    """A page of allauth's that does not exist here: sign-up and e-mail addresses are for whoever invites."""
    raise Http404


urlpatterns = [
    path("signup/", absent),
    path("signup/passkey/", absent),
    path("2fa/webauthn/signup/", absent),
    path("email/", absent),
    path("3rdparty/signup/", absent),
    path("", include("allauth.urls")),
]
