"""What the settings of an account mean, in the words that the vendors' consoles use."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Those without a label here go by the name under which their vendor and our documentation know them.
LABELS: Mapping[str, Any] = {
    "access_key_id": _("AccessKey ID"),
    "access_key_secret": _("AccessKey secret"),
    "secret_id": pgettext_lazy("Tencent", "SecretId"),
    "secret_key": pgettext_lazy("Tencent", "SecretKey"),
    "sdk_app_id": _("SdkAppId of the application"),
    "sign_name": _("Signature"),
    "page_template": _("Template of pages"),
    "code_template": _("Template of codes"),
    "key_template": _("Template after a key press"),
    "show_number": _("Number that is shown"),
    "template_params": _("Variables of the template"),
    "param_length": _("Longest variable, characters"),
    "prefixes": _("Numbers it sends to"),
    "callee_limits": _("Limits for one number"),
    "account_sid": _("Account SID"),
    "auth_token": _("Auth token"),
    "from": _("Number it sends from"),
    "app_token": _("Token of the app's callbacks"),
    "app_aes_key": _("EncodingAESKey of the app's callbacks"),
}

HELP: Mapping[str, Any] = {
    "access_key_id": _("Of a RAM user who may only send: dysms or dyvms."),
    "sign_name": _("As it was approved, without the brackets."),
    "page_template": _("The approved template's code or id. It says what is wrong in two or three variables, no link."),
    "code_template": _("With one variable, code, of six digits."),
    "key_template": _("With it and a number of your own, the call asks for a key: 1 takes the page, 2 wakes the next."),
    "show_number": _("Only with a number of your own (dedicated mode); empty for the vendor's shared numbers."),
    "template_params": _(
        "In the template's order, of: title, severity, at, reply. Where the template calls one otherwise: title=what."
    ),
    "param_length": _("Longer words are cut. Empty: what the vendor's rules allow."),
    "prefixes": _("How they begin, like +86 +852. Empty: +86 for Aliyun and Tencent Cloud, all for Twilio."),
    "callee_limits": _(
        "Only if the vendor allows you others than its usual ones: how many in how many seconds, like 1/60 5/3600."
    ),
    "from": _("In the form +1…, or a Messaging Service's id, MG…"),
    "agent_id": _("Of the app that writes to people (AgentId)."),
}
