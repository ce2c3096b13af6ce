"""Figure `mail_in` of group `desk`: mails that the built-in mail server keeps per second, each on disk before its 250.

A real `aftercare serve` in a process of its own; senders in a second one, so that they do not share its interpreter.
By itself: `python -m bench.desk_mail`.
"""

import multiprocessing
import smtplib
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

from bench.figures import Figure
from tests.service import Service, free_port

SENDERS = 8
EACH = 100
SUPPORT = "support@provider.example"


def mail_in() -> Figure:
    """Send SENDERS × EACH mails as fast as they are taken; then wait until every one has become a ticket."""
    with tempfile.TemporaryDirectory(prefix="aftercare-bench-mail-") as place:
        port = free_port()
        service = Service(Path(place) / "data", AFTERCARE_SMTP_LISTEN=f"127.0.0.1:{port}")
        service.start()
        service.seed()
        service.add_mailbox(SUPPORT)
        with multiprocessing.get_context("spawn").Pool(SENDERS) as pool:
            pool.starmap(send, [(port, number, 5) for number in range(SENDERS)])  # warm
            begun = time.monotonic()
            pool.starmap(send, [(port, 100 + number, EACH) for number in range(SENDERS)])
            took = time.monotonic() - begun
        told = service.mails()
        assert told["kept"] == SENDERS * (EACH + 5), told["kept"]
        while told["waiting"]:
            time.sleep(0.5)
            told = service.mails()
        worked = time.monotonic() - begun
        service.stop()
    assert len(told["titles"]) == told["kept"], "a mail opened no ticket, or two"
    rate = SENDERS * EACH / took
    detail = (
        f"{SENDERS * EACH:,} mails of 4 KB over {SENDERS} connections in {took:.1f} s, each kept before its 250; "
        f"all were tickets after {worked:.1f} s ({SENDERS * EACH / worked:.0f}/s)"
    )
    return Figure("mail_in", round(rate, 1), "mails/s", 50, 200, "higher", detail)


def send(port: int, number: int, count: int) -> None:
    """One sender, one connection, mail after mail."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
        for nth in range(count):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = "zhao@starlight.example", SUPPORT, f"卡顿 {number}-{nth}"
            mail["Message-ID"] = f"<{number}-{nth}@starlight.example>"
            mail.set_content("主播端推流失败，观众端卡顿。\n" * 70)
            smtp.send_message(mail)


if __name__ == "__main__":
    sys.stdout.write(f"{mail_in()}\n")
