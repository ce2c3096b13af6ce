"""Keys as the front door holds them: a customer's, and those of the provider's own resources."""

from aftercare.accounts.actions.keys import issue_resource_key, set_callback
from aftercare.ingest.keys import Key
from aftercare.serve.keys import load_keys
from aftercare.telemetry.models import Resource
from tests.world import World


def held(resource: str) -> Key:
    return next(key for key in load_keys() if key.resource == resource)


def test_a_customers_key_names_its_customer_and_no_resource(world: World) -> None:
    key = next(key for key in load_keys() if key.customer == world.show.pk)
    assert (key.app, key.resource, key.facts.edge) == (world.show_app.pk, "", "")
    assert key.user_secret == bytes(world.show.user_hash_secret)


def test_a_nodes_key_says_what_its_reports_are_about(world: World) -> None:
    for kind, name, fact in (("edge", "edge-sh-02", "edge"), ("cdn_domain", "pull.starlight.example", "domain")):
        resource = Resource.objects.create(kind=kind, name=name, created_at=world.now)
        issue_resource_key(resource_ref=resource.ref, label=name, actor=None, now=world.now)
        key = held(resource.ref)
        assert (key.customer, key.app, getattr(key.facts, fact)) == (0, 0, name)
        assert key.user_secret and key.user_secret != bytes(world.show.user_hash_secret)


def test_a_node_that_is_not_on_the_map_goes_by_the_name_in_its_key(world: World) -> None:
    assert held("edge-sh-01").facts.edge == "edge-sh-01"


def test_a_vendors_secret_is_handed_on_and_shown_in_no_log(world: World) -> None:
    set_callback(key=world.show_key, source="agora", secret="shown-nowhere", actor=world.zhao, now=world.now)
    key = next(key for key in load_keys() if key.customer == world.show.pk)
    assert (key.callback_source, key.callback_secret) == ("agora", "shown-nowhere")
    assert "shown-nowhere" not in repr(key)
