"""(g) A read of people of a protected tier, which leaves an entry in the reading trail before it is answered, against the
same read whose entry is not written."""

import gc
from collections.abc import Callable
from datetime import date
from pathlib import Path

from domain.beneficiary import Beneficiary
from service.casebook import Decision
from service.log.ids import new_id
from service.office import Office
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.offices import bench_office
from tests.service.offices import VILLAGE, Asking, record

PEOPLE = 50
ON = date(2026, 1, 5)


def protected(here: Office, number: int) -> str:
    """The id of a registered person of tier 2."""
    stream = new_id()

    def decide(decision: Decision) -> None:
        identity = decision.seal(stream, {"identity": {"name": f"Warga {number}", "birth_year": 1960}})
        someone = Beneficiary.register(stream, on=ON, village=VILLAGE, kind="person", channel="desa", identity=identity)
        someone.classify(on=ON, classification=new_id(), type="fakir_miskin", tier=2, assessor="bench")
        decision.begin(someone)

    record(here, decide)
    return stream


def lines(url: str | None, folder: Path, *, calls: int = 100, rounds: int = 7) -> list[Line]:
    """The lines of one engine: SQLite when there is no PostgreSQL URL."""
    here = bench_office(folder, url)
    one, *_ = (protected(here, number) for number in range(PEOPLE))
    supervisor = Asking(here, "supervisor")
    trail, write = here.trail, here.trail.write
    here.views.catch_up(bounded=False)

    def run(path: str, times: int, *, trailed: bool) -> Callable[[], float]:
        def measured() -> float:
            trail.write = write if trailed else (lambda *found, **about: None)  # type: ignore[assignment,method-assign]
            begins = here.reader.head()[0]
            seconds = timed(lambda: supervisor.data(path), times)
            assert here.reader.head()[0] - begins == (times if trailed else 0)
            return seconds

        return measured

    gc.collect()
    gc.freeze()  # as a worker does at its start
    found, engine = [], "PostgreSQL" if url else "SQLite"
    for what, path, times in (
        ("one protected person", f"/api/v1/beneficiaries/{one}", calls),
        (f"a list of {PEOPLE} protected people", f"/api/v1/beneficiaries?limit={PEOPLE}", max(1, calls // 5)),
    ):
        ours, reference = alternate(rounds, run(path, times, trailed=True), run(path, times, trailed=False))
        told = (microseconds(ours), microseconds(reference), ours / reference)
        found.append(Line(f"(g) GET of {what}, entered in the trail, {engine}", *told))
    gc.unfreeze()
    here.close()
    return found
