"""(d) Reads as of an earlier position of a large log, against the same reads of today, on both engines.

Both sides are ours: what is measured is what a past moment costs. Each is asked as of the middle of the log and at nine
tenths of it, and the dearer of the two counts. Lists and the search are asked over HTTP, as whoever asks waits for them.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from projections import case_lists, coverage, history_lists, people_lists, village_status
from projections.rebuild import rebuild
from projections.view import View
from service.office import Office
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.reading import office_over
from tests.service.offices import Asking

GOAL = 2.0
REACH: tuple[str, dict[str, Any]] = ("1 = 1", {})
DAY = date(2026, 6, 30)
PEOPLE, PARTS = 40, 300


def lines(log: Path, views: Path, url: str) -> list[Line]:
    """The lines over a filled log and its rebuilt views, which are built in the PostgreSQL database at ``url`` too."""
    found = []
    for engine, place in (("SQLite", f"sqlite:///{views}"), ("PostgreSQL", url)):
        here = office_over(log, place)
        if place == url:
            rebuild(here.views)
        found += compared(here, engine)
        here.views.store.close()
        here.close()
    return found


def compared(here: Office, engine: str, *, calls: int = 3, rounds: int = 5) -> list[Line]:
    """Every read of today and of the past over the views of one office."""
    supervisor = Asking(here, "supervisor")
    events = here.reader.head()[0]
    months = here.config.dormant_months
    # Known at every position that is asked for.
    early = here.views.at(events * 2 // 5)
    known = early.rows("SELECT beneficiary FROM {cases:listed} ORDER BY key DESC LIMIT :most", most=PEOPLE)
    people = cycle([row["beneficiary"] for row in known])
    held = early.rows("SELECT identity FROM {people:listed} ORDER BY village, key LIMIT :most", most=PARTS)
    parts = [row["identity"] for row in held]

    def read(question: Callable[[View], object]) -> Callable[[int | None], object]:
        def asked(as_of: int | None) -> object:
            with here.views.at(as_of) as view:
                return question(view)

        return asked

    def over(path: str) -> Callable[[int | None], object]:
        return lambda as_of: supervisor.data(f"/api/v1{path}", **({} if as_of is None else {"as_of": as_of}))

    def kecamatan(view: View) -> object:
        return village_status.by_kecamatan(village_status.board(view, REACH, REACH, DAY, months))

    reads: dict[str, tuple[int, Callable[[int | None], object]]] = {
        "the village board": (1, read(lambda view: village_status.board(view, REACH, REACH, DAY, months))),
        "the board by kecamatan": (1, read(kecamatan)),
        "coverage on a day": (1, read(lambda view: coverage.coverage(view, REACH, REACH, DAY, months))),
        "the caseload of every worker": (1, read(lambda view: case_lists.by_worker(view, REACH, DAY))),
        "the list of cases over HTTP": (3, over("/cases")),
        "the list of referrals over HTTP": (3, over("/referrals")),
        "the list of people over HTTP": (3, over("/beneficiaries")),
        "one person's history": (PEOPLE, read(lambda view: history_lists.beneficiary_history(view, next(people)))),
        f"search: who held {PARTS} parts": (3, read(lambda view: people_lists.holding(view, "bench", parts))),
    }
    found = []
    for what, (times, asked) in reads.items():
        moments = (None, events // 2, events * 9 // 10)
        today, *past = alternate(rounds, *(partial(timed, partial(asked, one), calls * times) for one in moments))
        dearer = max(past)
        shown = microseconds(dearer), microseconds(today)
        found.append(Line(f"(d) as of an earlier position: {what}, {engine}", *shown, dearer / today, "<=", GOAL))
    return found
