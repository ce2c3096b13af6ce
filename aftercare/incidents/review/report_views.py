"""Post-mortems: all of them with what is still to be done, the editor, and what a customer reads as page and PDF."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aftercare.accounts.access import can, person, provider_with, require
from aftercare.accounts.models import Customer
from aftercare.incidents.models import PostMortem, PostMortemVersion, Publication
from aftercare.incidents.review import follow_ups, post_mortem
from aftercare.incidents.review.document import document_for
from aftercare.incidents.review.duty import clocks_of, today_of_provider
from aftercare.incidents.review.forms import PARTS_BESIDE, content_of, fields_of
from aftercare.incidents.review.sections import lines_to_choose
from aftercare.incidents.review.views import provider_incident
from aftercare.incidents.timeline import entry_sentence
from aftercare.incidents.views.incident import response_context
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.web.paging import page_of
from aftercare.web.pdf import render_pdf


@login_required
@require_GET
def post_mortems(request: HttpRequest) -> HttpResponse:
    """For our people every post-mortem and every open follow-up; for a customer the reports that are for them."""
    user = person(request)
    if not user.is_provider:
        mine = Publication.objects.filter(customer=user.customer_id).select_related("post_mortem__incident")
        newest = mine.order_by("post_mortem_id", "-pk").distinct("post_mortem_id").values("pk")
        page = page_of(mine.filter(pk__in=newest).order_by("-at"), request, per_page=50)
        return render(request, "incidents/review/reports.html", {"page": page})
    rows = PostMortem.objects.select_related("incident").order_by("-created_at", "-pk")
    context = {
        "page": page_of(rows, request, per_page=50),
        "follow_ups": follow_ups.open_follow_ups()[:200],
        "today": today_of_provider(utc_now()),
        "may_act": can(user, "act_on_incidents"),
        "back": request.path,
    }
    return render(request, "incidents/review/post_mortems.html", context)


@login_required
@require_POST
def begin(request: HttpRequest, ref: str) -> HttpResponse:
    """Begin an incident's post-mortem, or go to the one that there is."""
    incident = provider_incident(request, ref)
    require(request.user, "act_on_incidents")
    made = post_mortem.begin(incident=incident, actor=person(request), now=utc_now())
    return redirect("incidents:post_mortem", made.ref)


@login_required
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, ref: str) -> HttpResponse:
    """The editor for our people; POST saves a version. A customer reads what was published to them, or 404."""
    user = person(request)
    if not user.is_provider:
        return as_page(request, publication_for(request, ref).document, ref, "")
    row = found(ref)
    if request.method == "GET":
        asked = row.versions.select_related("by").filter(number=number_in(request.GET.get("version", ""))).first()
        old = asked if asked is not None and asked.number != row.version else None
        return edited(request, row, old.content if old else row.content, old_version=old)
    require(user, "act_on_incidents")
    content, seen = content_of(request.POST), number_in(request.POST.get("version", ""))
    try:
        post_mortem.save(post_mortem=row, content=content, seen=seen, actor=user, now=utc_now())
    except post_mortem.Conflict as conflict:
        fresh = found(ref)
        return edited(request, fresh, content, error=conflict.sentence, theirs=fresh.content)
    except Refused as refused:
        return edited(request, row, content, error=refused.sentence)
    messages.success(request, _("Saved."))
    return redirect("incidents:post_mortem", ref)


def number_in(said: str) -> int:
    """A version's number out of an address or a form; 0, which no version has, for anything else."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0


def found(ref: str) -> PostMortem:
    """The post-mortem with its incident. Raises Http404."""
    return get_object_or_404(PostMortem.objects.select_related("incident"), ref=ref)


def publication_for(request: HttpRequest, ref: str) -> Publication:
    """What the reader's customer was given last. Raises Http404: for everybody else it is not there."""
    mine = Publication.objects.filter(post_mortem__ref=ref, customer=person(request).customer_id)
    row = mine.order_by("-pk").first()
    if row is None:
        raise Http404
    return row


def edited(
    request: HttpRequest,
    row: PostMortem,
    content: dict[str, Any],
    *,
    error: str = "",
    names: str = "",
    theirs: dict[str, Any] | None = None,
    old_version: PostMortemVersion | None = None,
) -> HttpResponse:
    """The editor, with what was typed or an old version; `theirs` is what somebody saved meanwhile, beside it."""
    user, incident = person(request), row.incident
    published: dict[int, Publication] = {}
    for one_of in row.publications.select_related("customer", "by"):
        published.setdefault(one_of.customer_id, one_of)
    context = {
        "row": row,
        "incident": incident,
        "sections": fields_of(content, theirs),
        "lines": [
            {"entry": entry, "sentence": entry_sentence(entry, user), "on": entry.pk in content["lines"]}
            for entry in lines_to_choose(incident)
        ],
        "parts": [{"key": key, "label": label, "on": key in content["told"]} for key, label in PARTS_BESIDE],
        "old_version": old_version,
        **response_context(incident),
        "has_theirs": theirs is not None,
        "names_on": content["names"],
        "error": error,
        "names": names,
        "chosen": request.POST.getlist("customer"),
        "customers": [
            {"customer": one.customer, "published": published.get(one.customer_id)}
            for one in incident.customers.select_related("customer").order_by("customer__name")
        ],
        "versions": row.versions.select_related("by")[:20],
        "clock": next(iter(clocks_of(incident)), None),
        "may_act": can(user, "act_on_incidents"),
    }
    return render(request, "incidents/review/post_mortem.html", context, status=409 if error or names else 200)


@login_required
@require_POST
def state(request: HttpRequest, ref: str) -> HttpResponse:
    """On to review, back to a draft, or published to the chosen customers."""
    user = provider_with(request, "act_on_incidents")
    row, wanted = found(ref), request.POST.get("state", "")
    seen = number_in(request.POST.get("version", ""))
    try:
        if wanted == "published":
            customers = list(Customer.objects.filter(ref__in=[one[:16] for one in request.POST.getlist("customer")]))
            anyway = request.POST.get("anyway") == "1"
            post_mortem.publish(
                post_mortem=row, customers=customers, seen=seen, anyway=anyway, actor=user, now=utc_now()
            )
        else:
            post_mortem.move(post_mortem=row, state=wanted, seen=seen, actor=user, now=utc_now())
    except post_mortem.Names as named:
        return edited(request, row, row.content, names=named.sentence)
    except Refused as refused:
        fresh = found(ref)
        return edited(request, fresh, fresh.content, error=refused.sentence)
    return redirect("incidents:post_mortem", ref)


@login_required
@require_GET
def reading(request: HttpRequest, ref: str, customer_ref: str) -> HttpResponse:
    """What a customer would read of it as it is now, for our people before they publish."""
    document, customer = preview(request, ref, customer_ref)
    return as_page(request, document, ref, customer.ref)


@login_required
@require_GET
def pdf(request: HttpRequest, ref: str, customer_ref: str = "") -> HttpResponse:
    """The document as PDF in the reader's language: a customer's own, or for our people what a customer would get."""
    if customer_ref:
        document, _customer = preview(request, ref, customer_ref)
    else:
        document = publication_for(request, ref).document
    asked = request.GET.get("language", "")
    told = document.get(asked) or document[language_key()]
    try:
        made = render_pdf("incidents/review/report.typ", told)
    except Refused as refused:
        messages.error(request, refused.sentence)
        if customer_ref:
            return redirect("incidents:report_reading", ref, customer_ref)
        return redirect("incidents:post_mortem", ref)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="incident-report-{ref}-{told["language"]}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def preview(request: HttpRequest, ref: str, customer_ref: str) -> tuple[dict[str, Any], Customer]:
    """The document of a customer that the incident touches, as it would be published now."""
    provider_with(request, "act_on_incidents")
    row = found(ref)
    touched = get_object_or_404(row.incident.customers.select_related("customer"), customer__ref=customer_ref)
    return document_for(row, touched.customer), touched.customer


def language_key() -> str:
    """Which of the two texts the reader reads."""
    return "zh" if (get_language() or "").startswith("zh") else "en"


def as_page(request: HttpRequest, document: dict[str, Any], ref: str, customer_ref: str) -> HttpResponse:
    """The document as a page. Its drawings are ours: figures and escaped labels, made when it was published."""
    told = dict(document[language_key()])
    told["charts"] = [{**one_of, "svg": mark_safe(one_of["svg"])} for one_of in told["charts"]]  # noqa: S308
    context = {"document": told, "ref": ref, "customer_ref": customer_ref}
    return render(request, "incidents/review/report.html", context)
