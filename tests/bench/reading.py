"""(d) Reading the views of a large log: the village board and one person's history, against the bare SQL of the same rows.

The references ask the same tables for the same rows with SQL written by hand, and do nothing with the answer; over HTTP
they are a Flask view that sends those rows as JSON to whoever asks.
"""

import sqlite3
from collections.abc import Callable
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from projections import history_lists, village_status
from projections.projection import Projection
from service import config
from service.office import Office
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.offices import office_settings
from tests.service.offices import Asking

GOAL = 5.0
REACH: tuple[str, dict[str, Any]] = ("1 = 1", {})
DAY = date(2026, 6, 30)
PEOPLE = 40


def office_over(log: Path, views: str) -> Office:
    """An office with a log in a file and rebuilt views in the database of a URL."""
    settings = office_settings(log.parent, f"sqlite:///{log}")
    here = Office(config.read(settings | {"WAHANA_VIEWS_URL": views}))
    here.initialise()
    return here


class Bare:
    """The tables that an office reads, asked by hand."""

    def __init__(self, here: Office, views: Path) -> None:
        self.connection = sqlite3.connect(views, isolation_level=None)
        with here.views.store.reading() as session:
            own = here.views.own(session)
        self.tables = {name: here.views.tables(name, each.number).current for name, each in own.items()}

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql.format(**self.tables), values).fetchall()

    def board(self, bodies: Projection[Any]) -> list[list[tuple[Any, ...]]]:
        """All that the board shows: villages, bodies, counts, and the last event of each village."""
        columns = ", ".join(bodies.names)
        latest = "(SELECT key FROM {history} WHERE village = v.key ORDER BY recorded DESC LIMIT 1)"
        return [
            self.rows("SELECT key, name, kind, kecamatan, kecamatan_name, latitude, longitude FROM {villages}"),
            self.rows(f"SELECT {columns} FROM {{bodies}} ORDER BY village, key"),
            self.rows("SELECT village, tier, COUNT(*) FROM {people} WHERE state = 'active' GROUP BY village, tier"),
            self.rows("SELECT village, COUNT(*) FROM {cases} WHERE open = 1 GROUP BY village"),
            self.rows("SELECT village, COUNT(*) FROM {referrals} WHERE open = 1 GROUP BY village"),
            self.rows(
                "SELECT h.village, h.topic, h.on_day, h.recorded, h.since FROM {villages} v "
                f"JOIN {{history}} h ON h.key = {latest}"
            ),
        ]

    def history(self, person: str) -> list[tuple[Any, ...]]:
        """All events of a person, of her cases and of their referrals, in order."""
        return self.rows(
            "SELECT * FROM {history} WHERE stream IN (SELECT ?1 UNION ALL SELECT key FROM {cases} WHERE beneficiary = ?1 "
            "UNION ALL SELECT key FROM {referrals} WHERE beneficiary = ?1) ORDER BY since",
            person,
        )


def lines(log: Path, views: Path, *, calls: int = 5, rounds: int = 5) -> list[Line]:
    """The lines over a filled log and its rebuilt views."""
    here = office_over(log, f"sqlite:///{views}")
    months = here.config.dormant_months
    supervisor = Asking(here, "supervisor")
    bare = Bare(here, views)
    events = here.reader.head()[0]
    people = [row[0] for row in bare.rows("SELECT beneficiary FROM {cases} ORDER BY opened_on, key LIMIT ?", PEOPLE)]
    turns = [cycle(people) for _ in range(4)]

    def board() -> list[dict[str, Any]]:
        with here.views.at() as view:
            return village_status.board(view, REACH, REACH, DAY, months)

    def history(person: str) -> list[history_lists.Entry]:
        with here.views.at() as view:
            return history_lists.beneficiary_history(view, person)

    assert len(board()) == 205
    assert len(history(people[0])) == len(bare.history(people[0])) > 9
    bodies = here.views.projections["bodies"]
    client = _bare_views(bare, bodies)

    def over(call: Callable[[], object], times: int = 1) -> Callable[[], float]:
        return lambda: timed(call, calls * times)

    asked = alternate(
        rounds,
        over(board),
        over(lambda: bare.board(bodies)),
        over(lambda: supervisor.data("/api/v1/villages")),
        over(lambda: client.get("/board").get_json()),
        over(lambda: history(next(turns[0])), PEOPLE),
        over(lambda: bare.history(next(turns[1])), PEOPLE),
        over(lambda: supervisor.data(f"/api/v1/beneficiaries/{next(turns[2])}/history"), PEOPLE),
        over(lambda: client.get(f"/history/{next(turns[3])}").get_json(), PEOPLE),
    )
    here.close()
    bare.connection.close()
    size = f"{round(events, -3):,} events in the log"
    found = []
    for number, what in enumerate(("the village board", "one person's history")):
        question, sql, http, view = asked[number * 4 : number * 4 + 4]
        found += [
            Line(f"(d) {what}, {size}", *_pair(question, sql), "<=", GOAL),
            Line(f"(d) {what} over HTTP, against a Flask view of that SQL", *_pair(http, view), "<=", GOAL),
        ]
    return found


def _pair(ours: float, reference: float) -> tuple[str, str, float]:
    return microseconds(ours), microseconds(reference), ours / reference


def _bare_views(bare: Bare, bodies: Projection[Any]) -> FlaskClient:
    app = Flask("bare")

    @app.get("/board")
    def board() -> Any:
        return {"data": bare.board(bodies)}

    @app.get("/history/<person>")
    def history(person: str) -> Any:
        return {"data": bare.history(person)}

    return app.test_client()
