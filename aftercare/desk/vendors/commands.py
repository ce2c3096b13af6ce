"""What people ask the bot to do, by a command or by a reaction, as typed values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Verb = Literal["ticket", "green", "help"]

VERBS: Mapping[str, Verb] = {
    **dict.fromkeys(("ticket", "工单"), "ticket"),
    **dict.fromkeys(("green", "绿色通道", "紧急"), "green"),
    **dict.fromkeys(("help", "帮助"), "help"),
}
# A mention of the bot may stand before it. Some apps keep the slash for commands of their own, so "!" does as well. The
# Chinese words need no slash, but something that ends them, since "工单还没回复" is a sentence. Telegram puts the bot's
# name behind a command.
COMMAND = re.compile(
    r"^(?:@\S+\s+)*(?:[/!](?P<slash>ticket|green|help|工单|绿色通道|紧急|帮助)(?:@\w+)?|(?P<bare>工单|绿色通道))(?=[\s:：,，]|$)[\s:：,，]*",
    re.IGNORECASE,
)
# Slack's names, Feishu's emoji types, the characters of Telegram and Matrix (without the sign that colours them).
REACTIONS: Mapping[str, Verb] = {
    **dict.fromkeys(("ticket", "admission_tickets", "Pin", "🎫", "🎟", "📌", "✍"), "ticket"),
    **dict.fromkeys(("rotating_light", "sos", "Alarm", "🚨", "🆘"), "green"),
}


@dataclass(frozen=True)
class Asked:
    """A verb and the words behind it."""

    verb: Verb
    words: str = ""


def command_in(text: str) -> Asked | None:
    """The command that a text begins with."""
    found = COMMAND.match(text.strip())
    if found is None:
        return None
    verb = (found["slash"] or found["bare"]).lower()
    return Asked(VERBS[verb], text.strip()[found.end() :].strip())


def reaction_asks(name: str) -> Asked | None:
    """What a reaction asks for."""
    verb = REACTIONS.get(name.rstrip("\ufe0f"))
    return Asked(verb) if verb else None
