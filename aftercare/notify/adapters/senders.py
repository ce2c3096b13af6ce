"""Which adapter takes which channel's deliveries. Pushes have none: their row is the message."""

from collections.abc import Callable, Mapping

from aftercare.notify.adapters import email, webhook
from aftercare.notify.adapters.vendors import dingtalk, feishu, matrix, slack, telegram, wecom_bot, wecom_kf
from aftercare.notify.envelope import Envelope
from aftercare.notify.models import Channel
from aftercare.notify.outcome import Outcome

Send = Callable[[Envelope], Outcome]

SENDERS: Mapping[Channel, Send] = {
    Channel.EMAIL: email.send,
    Channel.WEBHOOK: webhook.send,
    Channel.MATRIX: matrix.send,
    Channel.WECOM_KF: wecom_kf.send,
    Channel.FEISHU: feishu.send,
    Channel.DINGTALK: dingtalk.send,
    Channel.SLACK: slack.send,
    Channel.TELEGRAM: telegram.send,
    Channel.WECOM: wecom_bot.send,
}
