"""The key that says "I have it" on the phone stops everything that still waited, for everybody."""

from tests.paging.night import Night, fresh


def test_it_is_taken_from_the_phone(night: Night) -> None:
    night.ringing.account("voice:twilio", prefixes="+86")
    night.call(night.world.eng, after_s=30)
    night.call(night.world.eng, "+8613600000009", after_s=90)
    page = night.page()
    night.wait(31)
    url = night.ringing.twilio.reached[-1].out
    assert night.heard() == ["Lin text", "Lin call"]
    assert night.ringing.twilio.call_back(url, {"CallStatus": "in-progress", "Digits": "1"}).status_code == 200
    assert (fresh(page).state, fresh(page).acknowledged_via) == ("acknowledged", "voice")
    night.silence()
