"""A vendor that never answers is in doubt: a red page goes again by another one, marked; a warning does not."""

import threading

import pytest

from tests.paging.night import Night, states


@pytest.fixture
def hanging(night: Night, monkeypatch: pytest.MonkeyPatch) -> Night:
    """Aliyun takes texts and never says so; Tencent comes after it."""
    monkeypatch.setattr("aftercare.notify.adapters.calling.TIMEOUT_S", 0.2)
    night.ringing.account("sms:tencent", place=2)
    night.ringing.aliyun.hang = threading.Event()
    return night


def test_a_red_page_goes_again_marked(hanging: Night) -> None:
    page = hanging.page()
    hanging.wait(5)
    assert hanging.heard() == ["Lin text", "Lin text, again"]
    assert states(page) == ["sent"]


def test_a_warning_does_not(hanging: Night) -> None:
    page = hanging.page(severity="warning")
    hanging.wait(1)
    assert "Lin text" in hanging.heard() and states(page)[0] == "dropped"
    hanging.ringing.aliyun.hang.set()
    hanging.ringing.aliyun.hang = None
