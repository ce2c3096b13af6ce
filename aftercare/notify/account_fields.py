"""What an account of each kind is asked for, by the names under which its adapter reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from aftercare.notify.models import Channel, Vendor


@dataclass(frozen=True)
class AccountFields:
    """Names in `Account.config`, which staff see, and in its sealed secrets, which nobody sees again."""

    config: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()  # without which it can send nothing, and is refused


OF_TEMPLATES = ("template_params", "param_length")
OF_CALLEES = ("prefixes", "callee_limits")

FIELDS: Mapping[str, AccountFields] = {
    Channel.EMAIL: AccountFields(
        ("address", "smtp_host", "smtp_port", "smtp_user", "smtp_security", "imap_host", "imap_port", "imap_user"),
        ("smtp_password", "imap_password"),
    ),
    Channel.WECOM: AccountFields(
        ("corp_id", "agent_id"), ("corp_secret", "token", "encoding_aes_key", "app_token", "app_aes_key")
    ),
    Channel.WECOM_KF: AccountFields(("corp_id", "open_kfid"), ("corp_secret", "token", "encoding_aes_key")),
    Channel.FEISHU: AccountFields(("app_id",), ("app_secret", "encrypt_key", "verification_token")),
    Channel.DINGTALK: AccountFields(("app_key", "robot_code"), ("app_secret",)),
    Channel.SLACK: AccountFields((), ("bot_token", "signing_secret")),
    Channel.TELEGRAM: AccountFields((), ("bot_token", "webhook_secret")),
    Channel.MATRIX: AccountFields(("homeserver", "server_name"), ("as_token", "hs_token")),
    "sms:aliyun": AccountFields(
        ("access_key_id", "sign_name", "page_template", "code_template", *OF_TEMPLATES, *OF_CALLEES),
        ("access_key_secret",),
        ("access_key_id", "access_key_secret", "sign_name", "page_template", "code_template"),
    ),
    "sms:tencent": AccountFields(
        ("secret_id", "sdk_app_id", "sign_name", "page_template", "code_template", *OF_TEMPLATES, *OF_CALLEES),
        ("secret_key",),
        ("secret_id", "secret_key", "sdk_app_id", "sign_name", "page_template", "code_template"),
    ),
    "sms:twilio": AccountFields(
        ("account_sid", "from", *OF_CALLEES), ("auth_token",), ("account_sid", "auth_token", "from")
    ),
    "voice:aliyun": AccountFields(
        ("access_key_id", "page_template", "code_template", "show_number", "key_template", *OF_TEMPLATES, *OF_CALLEES),
        ("access_key_secret",),
        ("access_key_id", "access_key_secret", "page_template", "code_template"),
    ),
    "voice:tencent": AccountFields(
        ("secret_id", "sdk_app_id", "page_template", *OF_TEMPLATES, *OF_CALLEES),
        ("secret_key",),
        ("secret_id", "secret_key", "sdk_app_id", "page_template"),
    ),
    "voice:twilio": AccountFields(
        ("account_sid", "from", *OF_CALLEES), ("auth_token",), ("account_sid", "auth_token", "from")
    ),
}


def fields_of(kind: str) -> AccountFields:
    """What accounts of this kind (`Account.kind`) are asked for; nothing for a person's own channels."""
    return FIELDS.get(kind, AccountFields())


def kind_name(kind: str) -> str:
    """A kind in the reader's words."""
    channel, _colon, vendor = kind.partition(":")
    return f"{Channel(channel).label} · {Vendor(vendor).label}" if vendor else str(Channel(channel).label)
