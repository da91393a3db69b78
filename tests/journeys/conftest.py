"""An office on each engine, whose calendar the journey moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.calendar import Place


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Iterator[Place]:
    made = Place(tmp_path, database_url)
    yield made
    made.close()
