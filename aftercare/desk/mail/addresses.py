"""Mail addresses: how they are compared, and which belong to nobody's company."""

import re

ADDRESS = re.compile(r"^[^@\s<>\"',;:\\()\[\]\x00-\x1f]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?\.[a-z0-9-]{2,63}$")
NOBODY = re.compile(r"^(no-?reply|do-?not-?reply|noreply-.*|.*-noreply|mailer-daemon|postmaster|bounces?([+-].*)?)$")
# A domain that anybody gets an address of says nothing of whom its holder works for.
PUBLIC = """
    qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com vip.126.com yeah.net 188.com sina.com sina.cn
    vip.sina.com sohu.com vip.sohu.com 139.com 189.cn 21cn.com tom.com aliyun.com wo.cn 263.net 2980.com
    chinaren.com gmail.com googlemail.com outlook.com hotmail.com live.com live.cn msn.com outlook.cn
    yahoo.com yahoo.com.cn yahoo.cn yahoo.co.jp yahoo.com.hk yahoo.com.tw yahoo.co.uk ymail.com rocketmail.com
    icloud.com me.com mac.com aol.com proton.me protonmail.com pm.me gmx.com gmx.de gmx.net web.de mail.ru
    yandex.ru yandex.com bk.ru inbox.ru list.ru rambler.ru zoho.com mail.com fastmail.com tutanota.com tuta.io
    hey.com naver.com daum.net hanmail.net kakao.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp orange.fr free.fr
    laposte.net libero.it t-online.de btinternet.com comcast.net verizon.net att.net privaterelay.appleid.com
"""
PUBLIC_PROVIDERS = frozenset(PUBLIC.split())


def plain(address: str) -> str:
    """The address as it is compared and kept: lower case, without space around it."""
    return address.strip().strip("<>").strip().lower()[:254]


def is_address(address: str) -> bool:
    """Whether mail can be sent to this plain address."""
    return ADDRESS.match(address) is not None and ".." not in address


def domain_of(address: str) -> str:
    """What stands behind the @; empty without one."""
    return address.rpartition("@")[2] if "@" in address else ""


def is_public_domain(domain: str) -> bool:
    """Whether anybody may have an address of this domain."""
    return domain in PUBLIC_PROVIDERS


def without_tag(address: str) -> tuple[str, str]:
    """The address without its part behind a plus, and that part: `a+b@c` is `a@c` and `b`."""
    local, at, domain = address.rpartition("@")
    name, _plus, tag = local.partition("+")
    return f"{name}{at}{domain}", tag


def with_tag(address: str, tag: str) -> str:
    """The address with a part behind a plus; empty where it would be longer than a mailbox's name may be (64)."""
    local, at, domain = address.rpartition("@")
    tagged = f"{local}+{tag}"
    return f"{tagged}{at}{domain}" if len(tagged) <= 64 else ""


def takes_no_mail(address: str) -> bool:
    """Whether the address says of itself that nobody reads it."""
    return NOBODY.match(address.partition("@")[0]) is not None
