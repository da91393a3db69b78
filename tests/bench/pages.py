"""(h) Pages over a large log: what they weigh, how many statements they put to the database, and what they cost on the
server beside the API's answers to the very questions that they ask.

Weight is what goes over the line, compressed: the first view with the stylesheets and scripts, later ones the page alone.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from html import unescape
from pathlib import Path
from typing import Any
from unittest.mock import patch

from service.web import ask
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.reading import Bare, office_over
from tests.bench.shown import EVERY, NOBODY, PAGES, addresses, recorded
from tests.service.offices import Asking

FIRST, LATER, QUERIES, TIMES = 60_000, 10_000, 15, 4.0
Asked = list[tuple[str, str, bytes | None]]


class Statements:
    """What is put to SQLite while somebody counts, over every connection that is opened after this was made: each statement
    once, whatever triggers it sets off, and once for each row of those that are given many."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.counting = False
        self._connect = sqlite3.connect

    def connect(self, *given: Any, **options: Any) -> sqlite3.Connection:
        noted = self._noted

        class Counted(sqlite3.Connection):
            def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
                noted(sql, 1)
                return super().execute(sql, *more)

            def executemany(self, sql: str, rows: Iterable[Any]) -> sqlite3.Cursor:
                found = list(rows)
                noted(sql, len(found))
                return super().executemany(sql, found)

        return self._connect(*given, factory=Counted, **options)

    def _noted(self, sql: str, times: int) -> None:
        if self.counting and not sql.lstrip().upper().startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            self.said += [sql] * times

    def of(self, call: Callable[[], object]) -> int:
        """How many statements ``call`` puts; ``said`` has them."""
        self.said, self.counting = [], True
        call()
        self.counting = False
        return len(self.said)


@contextmanager
def asking() -> Iterator[Asked]:
    """What pages ask of the API while this lasts: method, address and body."""
    asked: Asked = []
    answer = ask._answer_of

    def noted(method: str, address: str, body: bytes | None = None, *more: Any) -> Any:
        asked.append((method, address, body))
        return answer(method, address, body, *more)

    with patch.object(ask, "_answer_of", noted):
        yield asked


def lines(log: Path, views: Path, *, calls: int = 3, rounds: int = 5) -> list[Line]:
    """The lines over a filled log and its rebuilt views, on SQLite."""
    statements = Statements()
    with patch("sqlite3.connect", statements.connect):
        here = office_over(log, f"sqlite:///{views}")
        bare = Bare(here, views)
        body = str(bare.rows("SELECT key FROM {bodies} ORDER BY key LIMIT 1")[0][0])
        bare.connection.close()
        sown = recorded(here, log.parent)
        nobody = copy(sown.one)
        nobody.token = ""
        who = {role: Asking(here, role) for role in {page.who for page in PAGES.values()} - {EVERY, NOBODY}}
        who |= {EVERY: sown.one, NOBODY: nobody}
        found = []
        for rule, address in addresses(sown, body).items():
            found += measured(PAGES[rule].name, who[PAGES[rule].who], address, statements, calls, rounds)
        here.close()
    return found


def _headers(who: Asking, **more: str) -> dict[str, str]:
    return ({"Authorization": f"Bearer {who.token}"} if who.token else {}) | more


def opened(who: Asking, address: str) -> bytes:
    """A page as it goes over the line."""
    headers = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    answer = who.client.get(address, headers=_headers(who, **headers))
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.data


def _parts(who: Asking, address: str) -> int:
    """What a page's stylesheets, scripts and pictures weigh."""
    headers = _headers(who, Accept="text/html")
    html = who.client.get(address, headers=headers).get_data(as_text=True)
    found = set(map(unescape, re.findall(r'(?:href|src)="(/[^"]+[?]v=[^"]+)"', html)))
    headers["Accept-Encoding"] = "gzip"
    return sum(len(who.client.get(part, headers=headers).data) for part in found)


def measured(
    name: str, who: Asking, address: str, statements: Statements, calls: int = 3, rounds: int = 5
) -> list[Line]:
    """The lines of one page."""
    with asking() as asked:
        html = opened(who, address)
    questions = list(asked)
    count = statements.of(lambda: opened(who, address))
    who.office.views.catch_up(bounded=False)  # what shows the trail to its end folds the last entry
    count = min(count, statements.of(lambda: opened(who, address)))
    page, answers = alternate(
        rounds,
        lambda: timed(lambda: opened(who, address), calls),
        lambda: timed(lambda: [_answered(who, *one) for one in questions], calls),
    )
    first = len(html) + _parts(who, address)
    found = [
        Line(f"(h) {name}: first view", _kilobytes(first), _kilobytes(FIRST), first / FIRST, "<=", 1),
        Line(f"(h) {name}: later views", _kilobytes(len(html)), _kilobytes(LATER), len(html) / LATER, "<=", 1),
        Line(f"(h) {name}: statements", str(count), str(QUERIES), count / QUERIES, "<=", 1),
    ]
    if not questions:
        found.append(Line(f"(h) {name}: on the server, which asks the API nothing", microseconds(page), "", None))
    else:
        what = f"(h) {name}: on the server, against {len(questions)} answers of the API"
        found.append(Line(what, microseconds(page), microseconds(answers), page / answers, "<=", TIMES))
    return found


def _answered(who: Asking, method: str, address: str, body: bytes | None) -> None:
    headers = _headers(who)
    kind = {"content_type": "application/json"} if body is not None else {}
    who.client.open(address, method=method, data=body, headers=headers, **kind)


def _kilobytes(size: int) -> str:
    return f"{size / 1000:.1f} kB"
