"""What an account of each channel is asked for, by the names under which its adapter reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from aftercare.notify.models import Channel


@dataclass(frozen=True)
class AccountFields:
    """Names in `Account.config`, which staff see, and in its sealed secrets, which nobody sees again."""

    config: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


FIELDS: Mapping[str, AccountFields] = {
    Channel.EMAIL: AccountFields(
        ("address", "smtp_host", "smtp_port", "smtp_user", "smtp_security", "imap_host", "imap_port", "imap_user"),
        ("smtp_password", "imap_password"),
    ),
    Channel.WECOM: AccountFields(("corp_id", "agent_id"), ("corp_secret", "token", "encoding_aes_key")),
    Channel.WECOM_KF: AccountFields(("corp_id", "open_kfid"), ("corp_secret", "token", "encoding_aes_key")),
    Channel.FEISHU: AccountFields(("app_id",), ("app_secret", "encrypt_key", "verification_token")),
    Channel.DINGTALK: AccountFields(("app_key", "robot_code"), ("app_secret",)),
    Channel.SLACK: AccountFields((), ("bot_token", "signing_secret")),
    Channel.TELEGRAM: AccountFields((), ("bot_token", "webhook_secret")),
    Channel.MATRIX: AccountFields(("homeserver", "server_name"), ("as_token", "hs_token")),
}


def fields_of(channel: str) -> AccountFields:
    """What this channel's accounts are asked for; nothing for a person's own channels and unknown ones."""
    return FIELDS.get(channel, AccountFields())
