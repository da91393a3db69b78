"""An office on each engine, whose calendar the journey moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.office import Office
from tests.journeys.calendar import Place
from tests.journeys.desks import Desks, at_work
from tests.service.offices import make_office


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Iterator[Place]:
    made = Place(tmp_path, database_url)
    yield made
    made.close()


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    """An office whose people sit at real browsers."""
    made = Place(tmp_path, "")
    with at_work(made) as found:
        yield found
    made.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office on SQLite, of today."""
    made = make_office(tmp_path)
    yield made
    made.close()
