"""The text of a document as nodes that know their line: fields, lists and plain values, or the sentence why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused

LONGEST = 1_000_000  # characters
DEEPEST = 12
ROOT = "the document"
MOST = {"schedules": 500, "layers": 50, "turns": 200, "people": 50, "changes": 2_000, "hours": 50}
MOST |= {"policies": 200, "steps": 20, "rules": 500, "management": 20, "duty": 2_000}


@dataclass(frozen=True)
class Place:
    """A node of the document and how it is called in a sentence, with its line where a person wrote the lines."""

    node: yaml.Node
    name: str
    is_written: bool = True

    def wrong(self, sentence: str) -> Refused:
        """The refusal, with the line."""
        name = _("the document") if self.name == ROOT else self.name
        if not self.is_written:
            return Refused(_("%(place)s: %(sentence)s") % {"place": name, "sentence": sentence})
        told = {"line": self.node.start_mark.line + 1, "place": name, "sentence": sentence}
        return Refused(_("Line %(line)s, %(place)s: %(sentence)s") % told)

    def below(self, node: yaml.Node, name: str) -> "Place":
        """A node of this one."""
        return Place(node, name, self.is_written)

    @property
    def last(self) -> str:
        """What to call it where it has no name: `layers[2]`."""
        return self.name.rpartition(".")[2]

    def text(self) -> str:
        """A plain value."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.wrong(_("write one value here."))
        return str(self.node.value).strip()

    def items(self, kind: str) -> list["Place"]:
        """The items of a list; a single value counts as a list of one."""
        if isinstance(self.node, yaml.MappingNode):
            raise self.wrong(_("write a list here."))
        nodes = self.node.value if isinstance(self.node, yaml.SequenceNode) else [self.node]
        if len(nodes) > MOST[kind]:
            raise self.wrong(_("at most %(most)s are taken, here are %(n)s.") % {"most": MOST[kind], "n": len(nodes)})
        return [self.below(node, f"{self.name}[{number}]") for number, node in enumerate(nodes, 1)]

    def fields(self, *known: str, needs: Sequence[str] = ()) -> dict[str, "Place"]:
        """The fields of a mapping. Raises Refused for one that is unknown, written twice, or missing."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong(_("write fields here: %(fields)s.") % {"fields": ", ".join(known)})
        found: dict[str, Place] = {}
        for key, value in self.node.value:
            name = str(key.value)
            there = self.below(key, f"{self.name}.{name}" if self.name != ROOT else name)
            if name not in known:
                raise there.wrong(_("this is not known. Known are: %(fields)s.") % {"fields": ", ".join(known)})
            if name in found:
                raise there.wrong(_("this is written twice."))
            found[name] = self.below(value, there.name)
        for name in needs:
            if name not in found:
                raise self.wrong(_("%(field)s is missing.") % {"field": name})
        return found


class PlainLoader(yaml.SafeLoader):
    """Composes nodes without anchors and aliases (a few lines of them can stand for billions), and not too deep."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """One node with those below it. Raises Refused with the line."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        line = {"line": event.start_mark.line + 1}
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise Refused(_("Line %(line)s: anchors and aliases are not taken; write it out.") % line)
        if self.depth > DEEPEST:
            raise Refused(_("Line %(line)s: this is nested too deeply.") % line)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def parsed(text: str) -> yaml.Node:
    """The root of a text. Raises Refused where it is no YAML, empty, or too long."""
    if len(text) > LONGEST:
        raise Refused(_("The file is longer than %(most)s characters.") % {"most": f"{LONGEST:,}"})
    try:
        root = yaml.compose(text, Loader=PlainLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or error
        if mark is None:
            raise Refused(_("This is not YAML: %(why)s.") % {"why": why}) from None
        raise Refused(_("Line %(line)s: this is not YAML: %(why)s.") % {"line": mark.line + 1, "why": why}) from None
    if root is None:
        raise Refused(_("The file is empty."))
    return root


def plain(node: yaml.Node) -> Any:
    """A node as text, lists and mappings, every value as it was written."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(value) for value in node.value]
    return str(node.value).strip()
