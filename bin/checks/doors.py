"""An import-linter contract: another room is entered only by its doors (actions, queries, events, …)."""

from collections.abc import Iterator
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class DoorsContract(Contract):
    """Imports between rooms end in a door; `open_rooms` may be entered anywhere, `composers` may enter anywhere.

    `extra_doors` are further ones of a single room ("telemetry.schema"). Tests drive whatever they need.
    """

    type_name = "doors"

    doors: Any = fields.SetField(subfield=fields.StringField())
    open_rooms: Any = fields.SetField(subfield=fields.StringField())
    composers: Any = fields.SetField(subfield=fields.StringField())
    extra_doors: Any = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Broken when any import between two rooms bypasses the doors."""
        wrong = [
            (importer, imported)
            for importer in sorted(graph.modules)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if self.bypasses(importer.split("."), imported.split("."))
        ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong, "lines": dict(self.lines(graph, wrong))})

    def bypasses(self, importer: list[str], imported: list[str]) -> bool:
        """Whether this import, both names split at dots, enters another room elsewhere than by a door."""
        root = self.session_options["root_packages"][0]
        if importer[0] != root or imported[0] != root or len(importer) < 2 or len(imported) < 3:
            return False
        if importer[1] == imported[1] or importer[1] in self.composers or "tests" in importer:
            return False
        return (
            imported[1] not in self.open_rooms
            and imported[2] not in self.doors
            and ".".join(imported[1:3]) not in (self.extra_doors or ())
        )

    @staticmethod
    def lines(graph: ImportGraph, wrong: list[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], Any]]:
        """The first source line of each wrong import."""
        for importer, imported in wrong:
            details = graph.get_import_details(importer=importer, imported=imported)
            yield (importer, imported), details[0]["line_number"]

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Says which import goes round which door."""
        for importer, imported in check.metadata["wrong"]:
            line = check.metadata["lines"][importer, imported]
            output.print_error(f"{importer} (l.{line}) enters {imported}, which is no door of its room.", bold=False)
