"""A running office for tests that ask over HTTP."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domain.correction import replay
from service.office import Office
from tests.service.offices import Asking, make_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = make_office(tmp_path)
    yield made
    for stream, events in made.casebook.recent.seen().items():
        stored = made.log.history(stream)
        assert list(events) == stored[: len(events)], "what is remembered of a stream is what the log holds"
        recalled, again = made.casebook.recent.recall(stream), replay(None, stored[: len(events)])
        assert recalled is not None
        assert vars(recalled[0]) == vars(again), "and what it makes is what its events make"
    made.close()


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    """An office on either engine."""
    made = make_office(tmp_path, database_url)
    yield made
    made.close()


@pytest.fixture
def client(office: Office) -> Callable[[str], Asking]:
    """``client(role)``: somebody who asks, the same for the same role."""
    known: dict[str, Asking] = {}

    def asking(role: str) -> Asking:
        if role not in known:
            known[role] = Asking(office, role)
        return known[role]

    return asking
