"""What each way into a group can and cannot do, said plainly to whoever writes there."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftercare.desk.models import Group
from aftercare.notify.models import Channel

CAN: dict[str, str | Promise] = {
    Channel.WECOM_CUSTOMER: gettext_lazy(
        "WeCom customer group: no bot may write there. Your reply is handed to your WeCom sidebar and you press send "
        "there; it counts as sent when the archive shows it."
    ),
    Channel.WECOM: gettext_lazy("WeCom: the robot says it in the internal group, with your name before it."),
    Channel.WECOM_KF: gettext_lazy(
        "WeCom customer service: at most 5 messages within 48 hours of the customer's last words. After that the "
        "vendor refuses, and the customer has to write first."
    ),
    Channel.FEISHU: gettext_lazy("Feishu / Lark: the app's bot says it in the group, with your name before it."),
    Channel.DINGTALK: gettext_lazy("DingTalk: the robot says it in the group, with your name before it."),
    Channel.SLACK: gettext_lazy("Slack: the app says it in the channel, under your name."),
    Channel.TELEGRAM: gettext_lazy("Telegram: the bot says it in the group, with your name before it."),
    Channel.MATRIX: gettext_lazy("Matrix: our account says it in the room, with your name before it."),
}


def what_it_can_do(group: Group) -> str:
    """One or two sentences above the composer, with what stands in the way now first."""
    if not group.enabled:
        return _("This group is not in use: your words are kept here and do not go out.")
    if not group.account.enabled:
        return _("The account “%(name)s” is switched off: your words are kept here and do not go out.") % {
            "name": group.account.name
        }
    if group.account.quiet:
        return _("The account “%(name)s” is importing: your words are kept here and do not go out.") % {
            "name": group.account.name
        }
    return str(CAN.get(group.account.channel, _("Your words go out to the group.")))
