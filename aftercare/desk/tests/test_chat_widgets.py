"""Setting up a widget: for those of ours who manage accounts."""

import pytest

from aftercare.desk.actions.chat_widgets import checked_origin
from aftercare.desk.models import ChatWidget
from aftercare.desk.tests.chatting import Window, make_widget, signed
from aftercare.kernel.errors import Refused
from tests.world import World


def form(world: World, **changes: str) -> dict[str, str]:
    return {
        "name": "Console",
        "customer": world.show.ref,
        "origins": "https://Console.starlight.example/\nhttps://www.starlight.example:8443",
        "anonymous": "on",
        "greeting": "Hello",
        "greeting_zh": "您好",
        "reply_within_min": "30",
        "enabled": "on",
        **changes,
    }


def test_it_works(world: World) -> None:
    manager = world.client("mei")
    assert "No chat window yet" in manager.get("/settings/chat").content.decode()
    made = manager.post("/settings/chat/new", form(world))
    widget = ChatWidget.objects.get()
    assert widget.origins == ["https://console.starlight.example", "https://www.starlight.example:8443"]
    secret = made.content.decode().split('aria-label="Secret">')[1].split("<")[0]
    assert secret not in widget.secret
    assert Window(widget, signed(secret, sub="u1")).begun.status_code == 201
    page = manager.get(f"/settings/chat/{widget.ref}").content.decode()
    assert f"/chat/{widget.site_key}.js" in page and secret not in page
    assert manager.post(f"/settings/chat/{widget.ref}", form(world, name="Renamed")).status_code == 302
    assert "Renamed" in manager.get("/settings/chat").content.decode()
    renewed = manager.post(f"/settings/chat/{widget.ref}/secret").content.decode()
    assert secret not in renewed
    assert Window(widget, signed(secret, sub="u1")).begun.status_code == 409


def test_requires_people_of_ours_who_manage_accounts(world: World) -> None:
    widget, _ = make_widget(world)
    for path in ("/settings/chat", "/settings/chat/new", f"/settings/chat/{widget.ref}"):
        assert world.client("agent").get(path).status_code == 403
        for name in ("zhao", "viewer", "stranger"):
            assert world.client(name).get(path).status_code == 404
    assert world.client("agent").post(f"/settings/chat/{widget.ref}/secret").status_code == 403
    assert world.client("zhao").post(f"/settings/chat/{widget.ref}/secret").status_code == 404


def test_rejects_an_open_widget_without_a_customer(world: World) -> None:
    page = world.client("ada").post("/settings/chat/new", form(world, customer=""))
    assert page.status_code == 400
    assert "signed visitors only" in page.content.decode()
    assert not ChatWidget.objects.exists()


def test_a_widget_in_use_stays_with_its_customer(world: World) -> None:
    widget, _ = make_widget(world)
    Window(widget).say("hello")
    page = world.client("ada").post(f"/settings/chat/{widget.ref}", form(world, customer=world.social.ref))
    assert "its customer stays" in page.content.decode()


@pytest.mark.parametrize(
    "text",
    ["", "example.com", "https://", "http://example.com", "https://a.example/path", "https://a.example?x", "*",
     "https://*.example.com", "https://u@a.example", "https://a.example;script-src *", "javascript:alert(1)",
     "https://a.example:99999", "https://a.example 'unsafe-inline'", "https://例子.example"],
)  # fmt: skip
def test_rejects_what_is_no_origin(text: str) -> None:
    with pytest.raises(Refused):
        checked_origin(text)


def test_origins_as_browsers_write_them() -> None:
    assert checked_origin(" HTTPS://A.example:8443/ ") == "https://a.example:8443"
    assert checked_origin("http://localhost:3000") == "http://localhost:3000"


def test_the_loader_is_one_script_for_everybody(world: World) -> None:
    widget, _ = make_widget(world)
    script = world.client().get(f"/chat/{widget.site_key}.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert script["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert widget.site_key not in script.content.decode()


def test_the_window_speaks_its_pages_language(world: World) -> None:
    widget, _ = make_widget(world)
    chinese = world.client().get(f"/chat/{widget.site_key}?lang=zh").content.decode()
    assert "有问题请留言。" in chinese and 'lang="zh-Hans"' in chinese
    english = world.client().get(f"/chat/{widget.site_key}?lang=en").content.decode()
    assert "Ask us anything." in english and 'lang="en"' in english
