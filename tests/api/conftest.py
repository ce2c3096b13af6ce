"""The programs that call the API, each with a token of one person."""

import pytest

from tests.api.calling import Program
from tests.world import World


@pytest.fixture
def agent(world: World) -> Program:
    return Program(world, world.agent)


@pytest.fixture
def ada(world: World) -> Program:
    return Program(world, world.ada)


@pytest.fixture
def zhao(world: World) -> Program:
    return Program(world, world.zhao)


@pytest.fixture
def stranger(world: World) -> Program:
    return Program(world, world.stranger)
