"""The house's order in the database: foreign keys between rooms point down, and name their target by a string."""

import ast
import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).parents[1]
Field = models.ForeignKey | models.ManyToManyField  # type: ignore[type-arg]


def floors() -> dict[str, int]:
    """The floor of every room, from the layers that import-linter holds; the lowest is 0."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    return {
        name.strip().removeprefix("aftercare."): floor
        for floor, layer in enumerate(reversed(layers))
        for name in layer.replace(":", "|").split("|")
    }


def keys_between_rooms() -> Iterator[tuple[type[models.Model], Field, str, str]]:
    """Every key from one room of ours to another: its model, itself, and both rooms."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith("aftercare.")]
    for model in (model for config in ours for model in config.get_models()):  # a table between two is its field's
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            target = field.related_model
            if isinstance(target, type) and target._meta.app_config in ours:
                ends = model._meta.app_label, target._meta.app_label
                if ends[0] != ends[1]:
                    yield model, field, *ends  # type: ignore[misc]


def written_target(model: type[models.Model], name: str) -> ast.expr:
    """What the source gives as the field's target."""
    (definition,) = ast.parse(dedent(inspect.getsource(model))).body
    assert isinstance(definition, ast.ClassDef)
    for statement in definition.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if name in {target.id for target in targets if isinstance(target, ast.Name)}:
            call = statement.value  # type: ignore[attr-defined]
            return call.args[0] if call.args else next(k.value for k in call.keywords if k.arg == "to")
    raise AssertionError(f"{model.__name__}.{name} is not in the source of its class")


KEYS = list(keys_between_rooms())


def test_there_are_keys_to_look_at() -> None:
    assert len(KEYS) > 10
    assert {"accounts", "desk", "incidents", "kernel"} <= set(floors())


@pytest.mark.parametrize(("model", "field", "upper", "lower"), KEYS, ids=lambda v: getattr(v, "name", None))
def test_they_point_down_by_string(model: type[models.Model], field: Field, upper: str, lower: str) -> None:
    where = f"{upper}.{model.__name__}.{field.name}"
    assert floors()[upper] > floors()[lower], f"{where} points up or sideways, at {lower}"
    target = written_target(model, field.name)
    is_setting = isinstance(target, ast.Attribute) and target.attr == "AUTH_USER_MODEL"
    is_string = isinstance(target, ast.Constant) and isinstance(target.value, str)
    assert is_string or is_setting, f"{where} must name {lower}'s model by a string"
