"""Which adapter takes which channel's deliveries. Pushes have none: their row is the message."""

from collections.abc import Callable, Mapping

from aftercare.notify.adapters import apprise, email, phones, webhook, webpush
from aftercare.notify.adapters.vendors import (
    dingtalk,
    feishu,
    feishu_person,
    matrix,
    persons,
    slack,
    telegram,
    wecom_bot,
    wecom_kf,
)
from aftercare.notify.envelope import Envelope
from aftercare.notify.models import Channel
from aftercare.notify.outcome import Outcome

Send = Callable[[Envelope], Outcome]

SENDERS: Mapping[Channel, Send] = {
    Channel.EMAIL: email.send,
    Channel.WEBHOOK: webhook.send,
    Channel.WEBPUSH: webpush.send,
    Channel.APPRISE: apprise.send,
    Channel.MATRIX: matrix.send,
    Channel.WECOM_KF: wecom_kf.send,
    Channel.FEISHU: feishu.send,
    Channel.DINGTALK: dingtalk.send,
    Channel.SLACK: slack.send,
    Channel.TELEGRAM: telegram.send,
    Channel.WECOM: wecom_bot.send,
    Channel.SMS: phones.send,
    Channel.VOICE: phones.send,
}

# The same vendors where a message goes to one person instead of a chat.
TO_PERSONS: Mapping[Channel, Send] = {
    Channel.FEISHU: feishu_person.send,
    Channel.DINGTALK: persons.to_dingtalk,
    Channel.WECOM: persons.to_wecom,
    Channel.SLACK: persons.to_slack,
    Channel.TELEGRAM: persons.to_telegram,
}


def sender_of(envelope: Envelope) -> Send:
    """Who takes this envelope."""
    channel = Channel(envelope.channel)
    return TO_PERSONS.get(channel, SENDERS[channel]) if envelope.is_personal else SENDERS[channel]
