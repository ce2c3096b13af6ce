"""How often each vendor lets one number or person be called or written to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.notify.models import CODE_KIND, Account

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
OWN = "callee_limits"  # what an account's config says instead, where the vendor's console allows more
OF_OWN = re.compile(r"(\d{1,5})/(\d{1,6})")


@dataclass(frozen=True)
class Quota:
    """At most `count` in any `seconds`; or, `at_night`, between 22:00 and 08:00 in China."""

    count: int
    seconds: int
    at_night: bool = False


# Aliyun voice: one callee 1 a minute, 5 an hour, 20 in 24 hours (help.aliyun.com document_detail/114036).
# Aliyun SMS, by one signature: codes 1 a minute, 5 an hour, 10 a day; notices by one template 50 a day
# (developer.aliyun.com ask/474934; document_detail/108293 lets a company raise them).
# Tencent SMS: one number 1 in 30 s and 10 a day (cloud.tencent.com document/product/382/13303).
# Tencent voice: one number 1 in 30 s, 2 in ten minutes, notices 5 and codes 3 a day, and one in a whole night
# (cloud.tencent.com document/product/213/38004).
# WeCom: one member 30 a minute, 1000 an hour, what is beyond is thrown away (developer.work.weixin.qq.com path/90236).
# Twilio and the others name no limit for one callee.
NOTICES: Mapping[str, tuple[Quota, ...]] = {
    "sms:aliyun": (Quota(50, DAY_S),),
    "voice:aliyun": (Quota(1, MINUTE_S), Quota(5, HOUR_S), Quota(20, DAY_S)),
    "sms:tencent": (Quota(1, 30), Quota(10, DAY_S)),
    "voice:tencent": (Quota(1, 30), Quota(2, 600), Quota(5, DAY_S), Quota(1, 10 * HOUR_S, at_night=True)),
    "wecom": (Quota(30, MINUTE_S), Quota(1000, HOUR_S)),
}
CODES: Mapping[str, tuple[Quota, ...]] = {
    **NOTICES,
    "sms:aliyun": (Quota(1, MINUTE_S), Quota(5, HOUR_S), Quota(10, DAY_S)),
    "voice:tencent": (Quota(1, 30), Quota(2, 600), Quota(3, DAY_S), Quota(1, 10 * HOUR_S, at_night=True)),
}
# Where the vendor counts codes and notices apart.
APART = frozenset({"sms:aliyun"})


def quotas_of(account: Account, kind: str) -> tuple[Quota, ...]:
    """What holds for this kind of message: the account's own numbers, else the vendor's."""
    own = str(account.config.get(OWN, ""))
    if own:
        return tuple(Quota(int(count), int(seconds)) for count, seconds in OF_OWN.findall(own))
    return (CODES if kind == CODE_KIND else NOTICES).get(account.kind, ())


def checked_own(text: str) -> None:
    """Refuse an account's own limits that are not of the form `1/60 5/3600`, with windows of at most a day."""
    for word in text.split():
        match = OF_OWN.fullmatch(word)
        if match is None or not int(match[1]) or not 1 <= int(match[2]) <= DAY_S:
            raise Refused(
                _("“%(word)s” is no limit: write how many in how many seconds, like 5/3600, at most a day.")
                % {"word": word[:20]}
            )
