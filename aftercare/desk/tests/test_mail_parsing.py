"""Bytes of mails, good and bad: nothing lost, nothing executed, work bounded."""

import time
from email.message import EmailMessage

import pytest

from aftercare.desk.mail.charsets import read_header, read_text
from aftercare.desk.mail.html_text import text_of_html
from aftercare.desk.mail.parsing import Note, fingerprint, parse_mail

CHINESE = "主播端推流失败，观众端卡顿。房间 8831，SDK 4.2.1。"
JAPANESE = "配信が止まります。部屋 8831。"


def raw(body: bytes, kind: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    told = {"From": "zhao@starlight.example", "Subject": "x", "Content-Type": kind, **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return head.replace("Transfer_", "Transfer-").encode() + b"\r\n" + body


@pytest.mark.parametrize(
    ("codec", "label", "text"),
    [
        ("utf-8", "utf-8", CHINESE),
        ("gb18030", "gb18030", CHINESE + "𠮷䶮"),
        ("gb18030", "gb2312", CHINESE + "囍镕"),
        ("gb18030", "utf-8", CHINESE),
        ("gb18030", "iso-8859-1", CHINESE),
        ("gb18030", "us-ascii", CHINESE),
        ("gb18030", "x-no-such-charset", CHINESE),
        ("utf-8", "gb2312", CHINESE),
        ("utf-8", "iso-8859-1", CHINESE),
        ("utf-8", "us-ascii", CHINESE),
        ("gb18030", "gbk", "联通"),
        ("big5", "big5", "直播卡頓，請協助。"),
        ("iso-2022-jp", "iso-2022-jp", JAPANESE),
        ("iso-2022-jp", "us-ascii", JAPANESE),
        ("cp932", "shift_jis", JAPANESE),
        ("cp1252", "iso-8859-1", "Le flux s’arrête à 20 h, déjà signalé."),
        ("euc-kr", "ks_c_5601-1987", "방송이 끊깁니다."),
    ],
)
def test_words_are_readable_whatever_their_label_says(codec: str, label: str, text: str) -> None:
    mail = parse_mail(raw(text.encode(codec), f"text/plain; charset={label}", **{"Content-Transfer-Encoding": "8bit"}))
    assert mail.body == text


def test_broken_bytes_cost_only_themselves() -> None:
    mail = parse_mail(raw(CHINESE.encode() + b"\xff\xfe\x80 end"))
    assert "end" in mail.body
    assert (
        "房间 8831"
        in parse_mail(
            raw(b"=E6=88=BF=E9=97=B4 8831=Z", Content_Transfer_Encoding="x")
            if False
            else raw("房间 8831".encode() + b"\x00")
        ).body
    )


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("=?gb2312?B?zcbB98qnsNw=?=", "推流失败"),
        ("=?utf-8?B?5o6o5rU=?= =?utf-8?B?geWksei0pQ==?=", "推流失败"),
        ("=?utf-8?Q?=E6=8E=A8=E6=B5=81?=\r\n =?utf-8?Q?=E5=A4=B1=E8=B4=A5?=", "推流失败"),
        ("=?utf-8?B?broken", "=?utf-8?B?broken"),
        ("=?no-such?B?zcbB98qnsNw=?=", "推流失败"),
    ],
)
def test_subjects(header: str, text: str) -> None:
    assert parse_mail(raw(b"x", Subject=header)).subject == text


def test_a_raw_eight_bit_subject_is_read() -> None:
    for codec in ("utf-8", "gb18030"):
        data = b"Subject: " + "推流失败".encode(codec) + b"\r\nFrom: a@b.example\r\n\r\nx"
        assert parse_mail(data).subject == "推流失败"


def test_chinese_file_names_of_every_kind() -> None:
    message = EmailMessage()
    message.set_content("见附件")
    message.add_attachment(b"a", maintype="text", subtype="plain", filename="日志.log")
    rest = message.as_bytes()
    named = (
        b'--Z\r\nContent-Type: application/zip; name="=?gb2312?B?yNXWvi56aXA=?="\r\n'
        b"Content-Disposition: attachment\r\n\r\nPK\r\n--Z--"
    )
    old = raw(named, 'multipart/mixed; boundary="Z"')
    assert [file.name for file in parse_mail(rest).files] == ["日志.log"]
    assert [file.name for file in parse_mail(old).files] == ["日志.zip"]


def test_a_path_in_a_file_name_is_dropped() -> None:
    message = EmailMessage()
    message.add_attachment(b"a", maintype="text", subtype="plain", filename="../../etc/passwd")
    assert parse_mail(message.as_bytes()).files[0].name == "passwd"


def test_html_becomes_words_and_nothing_runs() -> None:
    page = (
        "<html><head><title>t</title><style>p{}</style></head><body onload='x()'><p>卡顿 &lt;8831&gt;</p>"
        "<script>alert(1)</script><div>第二行<br>第三行</div><svg><script>alert(2)</script></svg>"
        "<a href='https://x.example/log'>日志</a> <a href='javascript:alert(3)'>点我</a>"
        "<blockquote>旧的</blockquote></body></html>"
    )
    mail = parse_mail(raw(page.encode(), "text/html; charset=utf-8"))
    assert mail.body.startswith("卡顿 <8831>\n第二行\n第三行\n日志 <https://x.example/log> 点我")
    assert "alert" not in mail.body + mail.quoted and "javascript" not in mail.body


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 400_000,
        "<a " * 400_000,
        "<script" * 200_000,
        "<!--" * 300_000,
        "<a href='https://x.example'>" * 60_000 + "</a>" * 60_000,
        "&" * 1_000_000,
    ],
)
def test_html_of_any_shape_takes_seconds_at_most(page: str) -> None:
    started = time.process_time()
    text_of_html(page)
    assert time.process_time() - started < 5


def test_winmail_is_kept_as_a_file_and_said() -> None:
    message = EmailMessage()
    message.set_content("hi")
    message.add_attachment(b"\x78\x9f\x3e\x22rest", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    mail = parse_mail(message.as_bytes())
    assert [file.data for file in mail.files] == [b"\x78\x9f\x3e\x22rest"]
    assert Note.TNEF in mail.notes


def nested(depth: int) -> bytes:
    inner = b"Content-Type: text/plain\r\n\r\nheart\r\n"
    for level in range(depth):
        mark = b"b%d" % level
        inner = b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n%s\r\n--%s--\r\n" % (
            mark,
            mark,
            inner,
            mark,
        )
    return b"From: a@b.example\r\nSubject: deep\r\n" + inner


def test_deep_and_wide_mails_are_bounded() -> None:
    assert "heart" in parse_mail(nested(10)).body
    for bomb in (nested(300), raw(b"--Z\r\n\r\nx\r\n" * 100_000, "multipart/mixed; boundary=Z")):
        started = time.process_time()
        mail = parse_mail(bomb)
        assert time.process_time() - started < 3
        assert Note.BOMB in mail.notes and mail.files[0].data == bomb, "kept whole"
    between = parse_mail(nested(100))
    assert b"heart" in b"".join(file.data for file in between.files), "deeper than is read: kept as a file"


def test_two_thousand_recipients() -> None:
    many = ", ".join(f"用户{n} <u{n}@x.example>" for n in range(2000))
    mail = parse_mail(raw(b"hello", To=many))
    assert Note.RECIPIENTS in mail.notes and len(mail.recipients) == 100
    assert mail.body == "hello"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"no headers at all",
        b"\x00\xff" * 1000,
        b"From: <<>>@\r\nContent-Type: multipart/\r\n\r\n--",
        b"Content-Type: text/plain; charset*=x''y\r\n\r\nz",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Date: Mon, 99 Nov 99999 99:99\r\n\r\nx",
    ],
)
def test_rubbish_never_raises(data: bytes) -> None:
    assert parse_mail(data).sender.address == ""


def test_nothing_comes_out_that_cannot_be_kept() -> None:
    data = raw(
        b"+2AA- \x00 x",
        "text/plain; charset=utf-7",
        Subject="a\x00=?utf-7?Q?+2AA-?=",
        **{"Message-ID": "<a\udcffb@x.example>".encode("utf-8", "surrogateescape").decode("latin-1")},
    )
    mail = parse_mail(data + b"")
    for text in (mail.body, mail.subject, mail.message_id, mail.sender.name):
        assert "\x00" not in text
        text.encode()


def test_what_makes_a_mail_one_mail() -> None:
    one = b"Received: a\r\nMessage-ID: <1@x>\r\nFrom: a@b.example\r\nSubject: x\r\n\r\nbody"
    assert fingerprint(one) == fingerprint(one.replace(b"Received: a", b"Received: b\r\nX: y"))
    assert fingerprint(one) != fingerprint(one.replace(b"Subject: x", b"Subject: y"))
    nameless = one.replace(b"Message-ID: <1@x>\r\n", b"")
    assert fingerprint(nameless) != fingerprint(nameless + b"!")


def test_headers_and_texts_without_a_label() -> None:
    assert read_header("=?utf-8?B?5Y2h6aG/?= (urgent)") == "卡顿 (urgent)"
    assert read_text(b"plain", None) == "plain"
