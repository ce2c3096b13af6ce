"""How people's addresses are written: each channel's own form, made one where there are several."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.kernel.errors import Refused
from aftercare.notify.adapters.addresses import parse
from aftercare.notify.models import PHONES, Channel

ADDRESS_AT_MOST = 500
BETWEEN_DIGITS = re.compile(r"[\s()\-.\u2010-\u2015\uff08\uff09]+")
# ITU-T E.164: at most 15 digits, of which no country's code begins with 0.
E164 = re.compile(r"\+[1-9]\d{6,14}")
CHINESE_MOBILE = re.compile(r"\+861[3-9]\d{9}")
CHINESE_LANDLINE = re.compile(r"\+86[2-9]\d{8,10}")
FORMS = {
    # A name such as @all would go to everybody, and | is between several: neither is one person.
    Channel.WECOM: (re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@\-]{0,63}"), gettext_noop("This is no WeCom user id.")),
    Channel.DINGTALK: (re.compile(r"[A-Za-z0-9$_+\-]{1,64}"), gettext_noop("This is no DingTalk user id.")),
    Channel.SLACK: (
        re.compile(r"[UW][A-Z0-9]{2,20}"),
        gettext_noop("This is no Slack member id: it begins with U or W and stands in the profile's menu."),
    ),
    # A group's id is negative; a person's is not.
    Channel.TELEGRAM: (
        re.compile(r"[1-9]\d{0,18}"),
        gettext_noop("This is no Telegram id of a person: it is a number above 0."),
    ),
}
OPEN_ID = re.compile(r"ou_[0-9a-z]{8,64}")


def checked(channel: str, address: str) -> str:
    """The address as it is kept. Raises Refused with what is wrong with it."""
    address = address.replace("\x00", "").strip()
    if len(address) > ADDRESS_AT_MOST:
        raise Refused(_("This address is too long."))
    if channel == Channel.PUSH:
        return ""
    if channel == Channel.EMAIL:
        return mail_address(address)
    if channel == Channel.WEBHOOK:
        parse(address)
        return address
    if channel == Channel.WEBPUSH:
        if parse(address).scheme != "https":
            raise Refused(_("This is no address of a browser's push service."))
        return address
    if channel in PHONES:
        return phone_number(address, is_call=channel == Channel.VOICE)
    if channel == Channel.FEISHU:
        return feishu_person(address)
    if channel in FORMS:
        form, sentence = FORMS[Channel(channel)]
        if form.fullmatch(address) is None:
            raise Refused(_(sentence))
        return address
    raise Refused(_("There is no such channel."))


def mail_address(address: str) -> str:
    """In small letters. Raises Refused."""
    try:
        validate_email(address.lower())
    except ValidationError:
        raise Refused(_("This is not an e-mail address.")) from None
    return address.lower()


def phone_number(typed: str, *, is_call: bool) -> str:
    """In the form of E.164; eleven digits as they are written in mainland China are +86. Raises Refused."""
    number = BETWEEN_DIGITS.sub("", typed)
    if number.startswith("00"):
        number = "+" + number[2:]
    if re.fullmatch(r"1[3-9]\d{9}", number, re.ASCII):
        number = "+86" + number
    if E164.fullmatch(number) is None or not number.isascii():
        raise Refused(_("Write the number with its country's code, like +86 138 0000 0000."))
    is_landline = is_call and CHINESE_LANDLINE.fullmatch(number)
    if number.startswith("+86") and CHINESE_MOBILE.fullmatch(number) is None and not is_landline:
        raise Refused(_("This is no mobile number of mainland China."))
    return number


def feishu_person(address: str) -> str:
    """An open_id, or the mobile number or e-mail address by which Feishu finds one. Raises Refused."""
    if OPEN_ID.fullmatch(address):
        return address
    try:
        return mail_address(address) if "@" in address else phone_number(address, is_call=False)
    except Refused:
        raise Refused(
            _("Write the open_id of Feishu (ou_…), or the mobile number or e-mail address known there.")
        ) from None
