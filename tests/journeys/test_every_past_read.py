"""Every read of the API that takes ``as_of``, in an office in which everything was recorded: asked again of a moment, after
everything was recorded once more, it says what it said then. Reads are taken from the routes, so that none is forgotten."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.test_every_past_page import Aged, aging
from tests.service.offices import VILLAGE
from tests.service.test_as_of import EXCEPTIONS, unplaced

#: What a read must be asked besides.
QUESTIONS: dict[str, dict[str, Any]] = {
    "/api/v1/periods": {"begin": "2026-01-01", "end": "2026-12-31"},
    "/api/v1/periods/difference": {"begin": "2026-01-01", "end": "2026-12-31", "reported": 100},
    "/api/v1/coverage/difference": {"on": "2026-06-30", "reported": 100},
}


class Asked(Aged):
    """Keeps what every read said before the second half was recorded."""

    def _grow(self) -> None:
        self.office.views.catch_up(bounded=False)
        self.said = dict(self.answers())
        super()._grow()

    def answers(self) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
        """What every read answers about each record there was at first, by its route and address; refusals left out."""
        for path in self.routes():
            for stream in self.first if "<stream>" in path else [""]:
                names = {"stream": stream, "code": VILLAGE, "figure": "board.people.tier_1", "version": 1}
                address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path).format(**names)
                if (answer := self.asked(path, address)) is not None:
                    yield (path, address), answer

    def routes(self) -> list[str]:
        """The routes of all reads that take ``as_of``."""
        rules = self.one.client.application.url_map.iter_rules()
        reads = [str(rule) for rule in rules if "GET" in (rule.methods or ()) and str(rule).startswith("/api/v1/")]
        return [path for path in reads if path not in EXCEPTIONS]

    def asked(self, path: str, address: str, **at: Any) -> dict[str, Any] | None:
        query = {**QUESTIONS.get(path, {}), **at}
        if path.endswith("/events"):
            query["row"] = self.streams["beneficiary"]
        answer = self.one.get(address, **query)
        return answer.get_json() if answer.status_code == 200 else None


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with aging(Asked, tmp_path_factory.mktemp("aged")) as made:
        yield made


def test_every_read_says_of_its_moment_what_it_said_then(aged: Asked) -> None:
    differing, silent = {}, set(aged.routes())
    for (path, address), said in aged.said.items():
        silent.discard(path)
        again = aged.asked(path, address, as_of=f"{said['position']}@{said['clock']}")
        if again is None or unplaced(again["data"]) != unplaced(said["data"]):
            differing[address] = said, again
    assert differing == {}
    # Nothing is destroyed here; tests/service/test_api_destructions.py puts a certificate back.
    assert silent == {"/api/v1/destructions/<stream>/certificate"}, "routes that answered about no record"
    now = dict(aged.answers())
    changed = [place for place, said in aged.said.items() if place in now and now[place]["data"] != said["data"]]
    assert len(changed) > 30, "or else there would have been nothing to put back"
