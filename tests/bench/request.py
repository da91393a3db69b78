"""(b) A case action over HTTP, all included, against a Flask view that reads the same body and inserts one row."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask, request

from domain.sealed import Sealed
from service.casebook import Decision
from service.log.ids import new_id
from service.office import Office
from tests.bench.history import worked_case
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.offices import bare_connection, bare_insert, bench_office
from tests.service.offices import VILLAGE, Asking, person, record

GOAL = 2.0
SERVICE = {
    "kind": "L07",
    "quantity": 1,
    "unit": "kali",
    "provider": "Dinas Sosial",
    "value_rupiah": 150_000,
    "note": "Diantar ke rumah, diterima anaknya yang sulung.",
    "evidence": [{"kind": "foto", "number": "1"}],
    "on": "2026-03-02",
}


def case_of_ten(here: Office, worker: str) -> str:
    """The id of a recorded case of ten events that ``worker`` works on."""
    case, someone = new_id(), person(here)

    def decide(decision: Decision) -> None:
        def seal() -> Sealed:
            return decision.seal(someone, {"note": "Tinggal berdua dengan cucunya."})

        decision.begin(worked_case(case, someone, VILLAGE, worker, seal))

    record(here, decide)
    return case


def _action(here: Office, calls: int) -> Callable[[], float]:
    """Services recorded on cases, each on its eleventh to sixteenth event."""
    worker = Asking(here, "peksos", (VILLAGE[:8],))

    def run() -> float:
        cases = [case_of_ten(here, worker.account) for _ in range(max(1, calls // 5))]
        turn: Iterator[str] = (case for _ in range(6) for case in cases)
        return timed(lambda: worker.done(f"/api/v1/cases/{next(turn)}/services", SERVICE), calls)

    return run


def _view(insert: Callable[..., object], calls: int) -> Callable[[], float]:
    """A Flask view that inserts the request as one row and answers."""
    app = Flask("bare")

    @app.post("/cases/<case>/services")
    def post(case: str) -> Any:
        insert(case, str(request.get_json()))
        return {"id": case}, 201

    client = app.test_client()
    at = f"/cases/{new_id()}/services"

    def ask() -> None:
        answer = client.post(at, json=SERVICE, headers={"Authorization": "Bearer x"})
        assert answer.status_code == 201
        assert answer.get_json()

    return lambda: timed(ask, calls)


def lines(url: str | None, folder: Path, *, calls: int = 100, rounds: int = 7) -> list[Line]:
    """The line of one engine: SQLite when there is no PostgreSQL URL."""
    here = bench_office(folder, url)
    gc.collect()
    gc.freeze()  # as a worker does at its start
    with bare_connection(url, folder / "bare.db") as connection:
        view = _view(bare_insert(connection, url, 2), calls)
        ours, reference = alternate(rounds, _action(here, calls), view)
    gc.unfreeze()
    here.close()
    name = f"(b) POST of a case action, {'PostgreSQL' if url else 'SQLite'}"
    return [Line(name, microseconds(ours), microseconds(reference), ours / reference, "<=", GOAL)]
