"""Addresses of Now and of incidents."""

from django.urls import include, path

from aftercare.incidents.annotating import views as annotating
from aftercare.incidents.causes import views as causes
from aftercare.incidents.editing import views as editing
from aftercare.incidents.figures import views as figures
from aftercare.incidents.merging import views as merging
from aftercare.incidents.telling import template_views as templates
from aftercare.incidents.views import declaring, incident, incidents, marks, now, response, search, updates

app_name = "incidents"
urlpatterns = [
    path("", now.now, name="now"),
    path("now/broken", now.broken_part, name="broken"),
    path("search", search.search, name="search"),
    path("apps/<slug:ref>/incidents.json", marks.marks, name="marks"),
    path("incidents", incidents.incident_list, name="incidents"),
    path("incidents/new", declaring.declare, name="declare"),
    path("incidents/of-ticket/<slug:ref>", declaring.of_ticket, name="of_ticket"),
    path("incidents/strip", incidents.strip, name="strip"),
    path("incidents/<slug:ref>", incident.incident_page, name="incident"),
    path("incidents/<slug:ref>/live", incident.live_part, name="live"),
    path("incidents/<slug:ref>/measured", incident.measured_part, name="measured"),
    path("incidents/<slug:ref>/acknowledgement", incident.acknowledge, name="acknowledgement"),
    path("incidents/<slug:ref>/notes", incident.note, name="notes"),
    path("incidents/<slug:ref>/customers", declaring.touch, name="customers"),
    path("incidents/<slug:ref>/others", declaring.others, name="others"),
    path("incidents/<slug:ref>/customers/removal", declaring.let_go, name="customer_removal"),
    path("incidents/<slug:ref>/tickets", declaring.tie_ticket, name="tickets"),
    path("incidents/<slug:ref>/mitigation", response.mitigate, name="mitigation"),
    path("incidents/<slug:ref>/roles", response.role, name="roles"),
    path("incidents/<slug:ref>/tasks", response.task, name="tasks"),
    path("incidents/<slug:ref>/tasks/done", response.task_done, name="task_done"),
    path("incidents/<slug:ref>/updates", updates.updates, name="updates"),
    path("incidents/<slug:ref>/resolution", incident.resolve, name="resolution"),
    path("incidents/<slug:ref>/reopening", incident.reopen, name="reopening"),
    path("", include("aftercare.incidents.changes.urls")),
    path("", include("aftercare.incidents.review.urls")),
    path("", include("aftercare.incidents.runbooks.urls")),
    path("", include("aftercare.incidents.assurance.urls")),
    path("incidents/<slug:ref>/probable", causes.probable_part, name="probable"),
    path("incidents/<slug:ref>/spared", causes.spare, name="spared"),
    path("", include("aftercare.incidents.status.urls")),
    path("update-templates", templates.templates, name="update_templates"),
    path("update-templates/new", templates.template, name="new_update_template"),
    path("update-templates/<slug:ref>", templates.template, name="update_template"),
    path("update-templates/<slug:ref>/removal", templates.removal, name="update_template_removal"),
    path("incidents/<slug:ref>/edit", editing.edit, name="edit"),
    path("incidents/<slug:ref>/tasks/change", editing.task, name="task_change"),
    path("incident-figures", figures.figures_page, name="figures"),
    path("incident-figures/rows.csv", figures.rows_file, name="figure_rows"),
    path("", include("aftercare.incidents.noise.urls")),
    path("incidents/<slug:ref>/merging", merging.merge, name="merging"),
    path("incidents/<slug:ref>/lines", annotating.line, name="line"),
]
