"""Operations upgrade while people work: the newer program has a column more in one view. Both serve side by side, either
may be given up, and nobody waits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from projections.engine import Views
from projections.rebuild import switch_back
from projections.verify import verify
from service import config
from service.office import Office
from tests.journeys.filled import environment
from tests.journeys.newer import ALL
from tests.service.offices import VILLAGE, Asking, make_office, settings_of


def newer_office(folder: Path, url: str) -> Office:
    """The office as the newer program opens it: on the same databases, with connections of its own."""
    here = Office(config.read(settings_of(folder, url)))
    here.views = Views(here.views.store, ALL, here.reader, here.now)
    return here


def registered(somebody: Asking, name: str) -> str:
    body = {"village": VILLAGE, "kind": "arisan", "name": name}
    return str(somebody.done("/api/v1/kps", body)["id"])


def turned(somebody: Asking, kps: str) -> None:
    somebody.done(f"/api/v1/kps/{kps}/ending")
    somebody.done(f"/api/v1/kps/{kps}/resumption")


def names(somebody: Asking) -> set[str]:
    found: set[str] = set()
    page = somebody.get("/api/v1/kps", limit=500).get_json()
    while True:
        found |= {row["name"] for row in page["data"]}
        if "next_cursor" not in page:
            return found
        page = somebody.get("/api/v1/kps", limit=500, cursor=page["next_cursor"]).get_json()


def ready(here: Asking) -> tuple[int, Any]:
    answer = here.client.get("/readyz")
    return answer.status_code, answer.get_json()["missing"]


def resumed(here: Office, kps: str) -> Any:
    return (here.views.at().one("SELECT resumed FROM {kps} WHERE key = :key", key=kps) or {})["resumed"]


def test_two_versions_serve_side_by_side_while_one_is_built_and_back(tmp_path: Path, database_url: str) -> None:
    old, new = make_office(tmp_path, database_url), newer_office(tmp_path, database_url)
    before = Asking(old, "supervisor")
    known = {registered(before, f"Arisan {number}"): f"Arisan {number}" for number in range(10)}
    first = next(iter(known))
    turned(before, first)
    assert names(before) == set(known.values())

    # The newer program starts beside the older: it is not ready, and nobody who works notices.
    after = Asking(new, "supervisor")
    assert ready(after) == (503, ["kps"])
    assert ready(before) == (200, [])
    meanwhile = 0
    with subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.newer", "project", "rebuild", "kps", "--json"],
        env=environment(tmp_path, database_url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as building:
        while building.poll() is None or meanwhile == 0:
            assert meanwhile < 10_000
            meanwhile += 1
            name = f"Arisan selama {meanwhile}"
            known[registered(before, name)] = name
            assert names(before) >= {name}, "what was saved is on the next page"
        said = building.communicate(timeout=60)
    assert building.returncode == 0, said

    # Both serve, whichever records: each folds its own view, and what they share, once.
    assert ready(before) == ready(after) == (200, [])
    known[registered(after, "Arisan dari yang baru")] = "Arisan dari yang baru"
    turned(before, first)
    assert names(before) == names(after) == set(known.values())
    assert resumed(new, first) == 2
    serving = {
        here: {status.projection: status.generation for status in here.views.status() if status.serving}
        for here in (old, new)
    }
    assert serving[old]["kps"] < serving[new]["kps"]
    assert {name: number for name, number in serving[old].items() if name != "kps"} == {
        name: number for name, number in serving[new].items() if name != "kps"
    }
    for here in (old, new):
        here.views.catch_up()
        assert verify(here.views).differences == ()

    # The release is rolled back: the older program's view is the one in use again, complete, and the newer still serves.
    known[registered(after, "Arisan sebelum kembali")] = "Arisan sebelum kembali"
    assert switch_back(old.views, ["kps"]) == ("kps",)
    assert {status.state for status in old.views.status() if status.serving} == {"live"}
    assert names(before) == set(known.values())
    turned(after, first)
    assert names(after) == set(known.values())
    assert resumed(new, first) == 3
    for here in (old, new):
        here.views.catch_up()
        assert verify(here.views).differences == ()
        here.close()
