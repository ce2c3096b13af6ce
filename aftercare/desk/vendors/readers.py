"""Which reader works on which vendor's rows."""

from aftercare.desk import inward
from aftercare.desk.vendors import dingtalk, feishu, slack, telegram, wecom_bot
from aftercare.notify.models import Channel

READERS = {
    Channel.FEISHU: feishu.read,
    Channel.DINGTALK: dingtalk.read,
    Channel.SLACK: slack.read,
    Channel.TELEGRAM: telegram.read,
    Channel.WECOM: wecom_bot.read,
}


def register() -> None:
    """At start-up: let each vendor's reader work on what its accounts take in."""
    for channel, reader in READERS.items():
        inward.read_with(channel.value, reader)
