"""The resource map as values: what is part of what, read once and asked often."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from aftercare.telemetry.models import Resource

# No real map is as deep; a ring that somebody drew by hand ends here.
DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Mapped:
    """One resource: its kind (Resource.Kind), its name as sessions give it, and what it is part of."""

    pk: int
    kind: str
    name: str
    parent: int | None


@dataclass(frozen=True)
class ResourceMap:
    """All resources by key and by (kind, name)."""

    by_pk: Mapping[int, Mapped] = field(default_factory=dict)
    by_name: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def line(self, pk: int) -> tuple[int, ...]:
        """The resource, what it is part of, what that is part of, and so on up; empty for one that is not there."""
        found: list[int] = []
        at: int | None = pk
        while at is not None and at in self.by_pk and at not in found and len(found) < DEEPEST:
            found.append(at)
            at = self.by_pk[at].parent
        return tuple(found)

    def parts(self, pk: int) -> set[int]:
        """The resource and everything that is part of it, however far down."""
        return self.parts_of([pk])

    def parts_of(self, pks: Iterable[int]) -> set[int]:
        """These resources and everything that is part of them."""
        wanted = set(pks)
        return {one for one in self.by_pk if wanted & set(self.line(one))}

    def above(self, pks: Iterable[int]) -> set[int]:
        """These resources and everything that they are part of."""
        return {one for pk in pks for one in self.line(pk)}

    def siblings(self, one: int, other: int) -> int | None:
        """The resource that both are part of directly; None where there is no such one."""
        if one not in self.by_pk or other not in self.by_pk or one == other:
            return None
        parent = self.by_pk[one].parent
        return parent if parent == self.by_pk[other].parent else None

    def fitting(self, pks: Iterable[int]) -> int | None:
        """The one of these that is meant: the lowest, where all others are above it; None where they contradict."""
        wanted = set(pks)
        lines = (self.line(pk) for pk in wanted)
        return next((line[0] for line in lines if wanted <= set(line)), None)

    def named(self, kinds: Iterable[str], name: str) -> Iterator[int]:
        """The resources of these kinds that have this name."""
        return (self.by_name[kind, name] for kind in kinds if (kind, name) in self.by_name)


def read_map() -> ResourceMap:
    """The whole map in one query."""
    rows = [Mapped(*row) for row in Resource.objects.values_list("pk", "kind", "name", "parent_id")]
    return ResourceMap({row.pk: row for row in rows}, {(row.kind, row.name): row.pk for row in rows})
