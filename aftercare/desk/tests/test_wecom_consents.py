"""An answer about archiving that a colleague writes down: who, when, by whom; a newer one of WeCom's outranks it."""

from datetime import timedelta

from django.utils import timezone

from aftercare.audit.models import Entry
from aftercare.desk.models import ArchiveConsent, ConsentHow
from aftercare.desk.vendors import consent
from aftercare.notify.models import Account, Channel
from tests.world import World

PERSON = "wmUNKNOWNUNKNOWNUNKNOWNUNKNOWN"


def local(world: World, minutes_ago: int) -> str:
    """As a browser sends it, in Ada's zone."""
    with timezone.override(world.ada.timezone):
        return (timezone.localtime(world.now) - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M")


def test_it_works(world: World) -> None:
    account = Account.objects.create(channel=Channel.WECOM_CUSTOMER, name="WeCom", created_at=world.now)
    path, admin = f"/settings/wecom/{account.ref}/consents", world.client("ada")
    told = {"person": PERSON, "group": "", "answer": "yes", "at": local(world, 10)}
    assert admin.post(path, told).status_code == 302
    row = ArchiveConsent.objects.get()
    assert (row.agreed, row.how, row.recorded_by) == (True, ConsentHow.STAFF, world.ada)
    assert timedelta(minutes=9) < world.now - row.at < timedelta(minutes=12), "in the reader's zone"
    assert consent.answer_of(account=account, external_id=PERSON, chat_id="any") is True
    page = admin.get(path).content.decode()
    assert PERSON in page and "recorded by a colleague" in page and "Ada" in page
    assert Entry.objects.get(action="wecom.consent").detail["person"] == PERSON
    consent.record(account=account, external_id=PERSON, chat_id="", agreed=False, how=ConsentHow.VENDOR, at=world.now)
    refused = admin.post(path, told)
    assert refused.status_code == 400 and "newer answer" in refused.content.decode()
    assert consent.answer_of(account=account, external_id=PERSON, chat_id="any") is False


def test_rejects_what_is_no_answer_and_who_may_not(world: World) -> None:
    account = Account.objects.create(channel=Channel.WECOM_CUSTOMER, name="WeCom", created_at=world.now)
    path, good = f"/settings/wecom/{account.ref}/consents", {"person": PERSON, "answer": "yes", "at": local(world, 1)}
    for wrong in ({"person": "lin"}, {"answer": ""}, {"at": "soon"}, {"at": local(world, -60)}, {"group": "nope"}):
        assert world.client("ada").post(path, good | wrong).status_code == 400, wrong
    assert not ArchiveConsent.objects.exists()
    assert world.client("agent").get(path).status_code == 403
    assert world.client("zhao").get(path).status_code == 404
