"""(d) Reads as of an earlier position of a large log, against the same reads of today, on both engines.

Both sides are ours: what is measured is what a past moment costs. Each is asked as of the middle of the log and at nine
tenths of it, and the dearer of the two counts. What a screen asks for is asked over HTTP, as whoever asks waits for it.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from domain.beneficiary import Beneficiary
from domain.case import Case
from projections import case_lists, coverage, people_lists, village_status
from projections.rebuild import rebuild
from projections.view import View
from service.casebook import Decision
from service.log.ids import new_id
from service.office import Office
from service.search import token_texts
from tests.bench.history import WORKER
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.offices import registered_body
from tests.bench.reading import office_over
from tests.service.offices import VILLAGE, Asking, record

GOAL = 2.0
REACH: tuple[str, dict[str, Any]] = ("1 = 1", {})
DAY = date(2026, 6, 30)
PEOPLE, PARTS = 40, 300
CASELOAD = 80  # people whom a worker works with: a page of them and more
EARLY = "the position from which `known` things are known"
QUARTER, YEARS = ({"begin": begin, "end": "2022-06-30"} for begin in ("2022-04-01", "2019-07-01"))
#: what is asked over HTTP: who asks, the path, the query. {person}, {case}, {referral} and {wksbm} are known early on.
OVER_HTTP: dict[str, tuple[str, str, dict[str, Any]]] = {
    "the board of villages": ("supervisor", "/villages", {}),
    "a village's card": ("kades", f"/villages/{VILLAGE}", {}),
    "coverage month by month": ("supervisor", "/coverage/series", {}),
    "the list of cases": ("supervisor", "/cases", {}),
    "the cases of a worker and her kecamatan": ("peksos", "/cases", {}),
    "what is overdue of a village": ("supervisor", "/cases", {"village": VILLAGE, "overdue": "true"}),
    "one worker's next tasks": ("supervisor", "/caseload", {"worker": WORKER}),
    "the list of referrals": ("supervisor", "/referrals", {}),
    "referrals without a step": ("supervisor", "/referrals", {"stuck": 14}),
    "the summary of referrals": ("supervisor", "/referrals/summary", {}),
    "the summary of a kecamatan's referrals": ("tksk", "/referrals/summary", {}),
    "the list of people": ("supervisor", "/beneficiaries", {}),
    "the people of a kecamatan": ("tksk", "/beneficiaries", {"state": "active"}),
    "the people of a village with a type": (
        "supervisor",
        "/beneficiaries",
        {"village": VILLAGE, "type": "fakir_miskin"},
    ),
    "the people of a worker": ("peksos", "/beneficiaries", {}),
    "the list of WKSBM": ("supervisor", "/wksbm", {}),
    "one person": ("supervisor", "/beneficiaries/{person}", {}),
    "one person's history": ("supervisor", "/beneficiaries/{person}/history", {}),
    "one case": ("supervisor", "/cases/{case}", {}),
    "one referral": ("supervisor", "/referrals/{referral}", {}),
    "one WKSBM": ("supervisor", "/wksbm/{wksbm}", {}),
    "why so many people": ("supervisor", "/figures/board.people.tier_2", {}),
    "why so many open cases": ("supervisor", "/figures/board.open_cases", {}),
    "why so many open cases of a village": ("supervisor", "/figures/board.open_cases", {"village": VILLAGE}),
    "why so many overdue cases of a worker": ("supervisor", "/figures/caseload.overdue", {"worker": WORKER}),
    "why so many waiting referrals": ("supervisor", "/figures/referrals.stuck", {}),
    "why so many villages with an SK": ("supervisor", "/figures/board.stages.sah", {}),
    "why so many active villages": ("supervisor", "/figures/coverage.aktif.villages", {}),
    "the figures of a quarter": ("supervisor", "/periods", QUARTER),
    "the figures of three years": ("supervisor", "/periods", YEARS),
    "why so many cases in a quarter": ("supervisor", "/figures/period.cases_opened", QUARTER),
    "what changed of a quarter's figures": ("supervisor", "/periods/difference", {**QUARTER, "reported": EARLY}),
    "what changed of a village's quarter": (
        "supervisor",
        "/periods/difference",
        {**QUARTER, "reported": EARLY, "village": VILLAGE},
    ),
    "what changed of coverage on a day": (
        "supervisor",
        "/coverage/difference",
        {"on": DAY.isoformat(), "reported": EARLY, "village": VILLAGE},
    ),
}
FOUND = 40  # people whom a search finds, registered behind the log; LATER events follow them
LATER = 200


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
    """Every kind of read, of today and of the past, over the views of one office."""
    events = here.reader.head()[0]
    months = here.config.dormant_months
    asking = {role: Asking(here, role) for role in ("supervisor", "kades", "tksk", "peksos")}
    here.views.catch_up(bounded=False)
    # Known at every position that is asked for.
    known_from = events * 2 // 5
    early = here.views.at(known_from)
    tables = {"person": "people", "case": "cases", "referral": "referrals", "wksbm": "bodies"}
    known = {
        kind: [row["key"] for row in early.rows(f"SELECT key FROM {{{table}}} ORDER BY key LIMIT {PEOPLE}")]
        for kind, table in tables.items()
    }
    turns = {kind: cycle(keys) for kind, keys in known.items()}
    _given_work(here, early, asking["peksos"].account)
    held = early.rows("SELECT identity FROM {people:listed} ORDER BY village, key LIMIT :most", most=PARTS)
    parts = [row["identity"] for row in held]

    def read(question: Callable[[View], object]) -> Callable[[int | None], object]:
        def asked(as_of: int | None) -> object:
            with here.views.at(as_of) as view:
                return question(view)

        return asked

    def over(role: str, path: str, query: dict[str, Any]) -> Callable[[int | None], object]:
        kind = path.partition("{")[2].partition("}")[0]

        def asked(as_of: int | None) -> object:
            address = path.format(**{kind: next(turns[kind])}) if kind else path
            when = {} if as_of is None else {"as_of": as_of}
            sent = {name: known_from if value is EARLY else value for name, value in query.items()}
            return asking[role].data(f"/api/v1{address}", **sent, **when)

        return asked

    def lacking(path: str) -> bool:
        """Whether a log so small knows nothing yet that is asked for."""
        return any(f"{{{kind}}}" in path for kind, keys in known.items() if not keys)

    def kecamatan(view: View) -> object:
        return village_status.by_kecamatan(village_status.board(view, REACH, REACH, DAY, months))

    reads: dict[str, Callable[[int | None], object]] = {
        "the village board, without HTTP": read(lambda view: village_status.board(view, REACH, REACH, DAY, months)),
        "the board by kecamatan, without HTTP": read(kecamatan),
        "coverage on a day, without HTTP": read(lambda view: coverage.coverage(view, REACH, REACH, DAY, months)),
        "the caseload of every worker, without HTTP": read(lambda view: case_lists.by_worker(view, REACH, DAY)),
        f"search: who held {PARTS} parts": read(lambda view: people_lists.holding(view, "bench", parts)),
        "search: who lives in a village": read(lambda view: people_lists.in_village(view, VILLAGE, 5000)),
        **{what: over(*asked) for what, asked in OVER_HTTP.items() if not lacking(asked[1])},
    }
    searched, then = _searched(here, asking["supervisor"])
    moments = (None, events // 2, events * 9 // 10)
    at = dict.fromkeys(reads, moments) | dict.fromkeys(searched, then)
    found = []
    for what, asked in (reads | searched).items():
        moments = at[what]
        today, *past = alternate(rounds, *(partial(timed, partial(asked, one), calls) for one in moments))
        dearer = max(past)
        shown = microseconds(dearer), microseconds(today)
        found.append(Line(f"(d) as of an earlier position: {what}, {engine}", *shown, dearer / today, "<=", GOAL))
    return found


def _given_work(here: Office, early: View, worker: str) -> None:
    """Has a worker work with people who were known early on."""
    for person in early.rows("SELECT key, village, tier FROM {people} ORDER BY key LIMIT :most", most=CASELOAD):
        case = Case.open(
            new_id(), on=DAY, beneficiary=person["key"], subject_kind="person", channel="kunjungan",
            urgency="biasa", tier=person["tier"], village=person["village"],
        )  # fmt: skip
        case.assign(on=DAY, worker=worker)
        record(here, lambda decision, case=case: decision.begin(case))
    here.views.catch_up(bounded=False)


def _searched(
    here: Office, who: Asking
) -> tuple[dict[str, Callable[[int | None], object]], tuple[int | None, int, int]]:
    """Searches through the API for people who are sealed as people are, and moments at which they are known: today,
    right after they were registered, and amid what was recorded since."""

    def register(name: str) -> None:
        def decide(decision: Decision) -> None:
            stream, identity = new_id(), {"name": name, "birth_year": 1961}
            sealed = decision.seal(stream, {"identity": identity})
            decision.find_by(sealed, token_texts(identity, VILLAGE))
            decision.begin(
                Beneficiary.register(stream, on=DAY, village=VILLAGE, kind="person", channel="desa", identity=sealed)
            )

        record(here, decide)

    for number in range(FOUND):
        register(f"Huyula {('Rahma', 'Yusuf', 'Salma', 'Idris')[number % 4]}")
    first = here.reader.head()[0]
    for _ in range(LATER):
        registered_body(here)
    here.views.catch_up(bounded=False)

    def search(**body: object) -> Callable[[int | None], object]:
        def asked(as_of: int | None) -> object:
            sent = body if as_of is None else {**body, "as_of": str(as_of)}
            answer = who.post("/api/v1/people/search", sent)
            assert answer.status_code == 200, answer.get_data(as_text=True)
            rows = answer.get_json()["data"]
            assert rows
            return rows

        return asked

    return {
        "search through the API: a name": search(name="Huyula Rahma"),
        "search through the API: a year of birth in a village": search(birth_year=1961, village=VILLAGE),
    }, (None, first, first + LATER // 2)
