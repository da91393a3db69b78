"""One page, one state of the views, few statements: whatever the page asks of the API is of one position."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from projections.sqlite import SqliteSession, SqliteStore
from service.log.opened import plain
from service.log.sqlite_database import SqliteDatabase
from service.office import Office
from service.web import ask
from tests.bench.pages import QUERIES
from tests.service.offices import Asking
from tests.service.test_api_cases import GRAVE, opened
from tests.service.test_api_referrals import sent
from tests.service.test_readings import protected
from tests.service.web_pages import page

Client = Callable[[str], Asking]


class Counted:
    """Statements put to the log, the keys and the views, and snapshots of the views that were opened."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.statements, self.snapshots = 0, 0
        for owner, name in ((SqliteDatabase, "rows"), (SqliteSession, "ask"), (SqliteSession, "run")):
            patch.setattr(owner, name, self._counting(getattr(owner, name)))
        reading = SqliteStore.reading

        def opened_one(store: SqliteStore) -> Any:
            self.snapshots += 1
            return reading(store)

        patch.setattr(SqliteStore, "reading", opened_one)

    def _counting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.statements += 1
            return function(*given, **named)

        return counted

    def of(self, call: Callable[[], object]) -> tuple[int, int]:
        self.statements = self.snapshots = 0
        call()
        return self.statements, self.snapshots


@pytest.fixture
def records(office: Office, client: Client) -> list[str]:
    """The pages of a person of tier 2 and of her case and referral, and of the lists that name them."""
    worker = client("tksk")
    case = opened(office, worker, tier=2)
    worker.done(f"/api/v1/cases/{case}/assessments", {"instrument": "umum", "details": GRAVE})
    referral = sent(worker, case)
    person = worker.data(f"/api/v1/cases/{case}")["beneficiary"]
    return [f"/warga/{person}", f"/kasus/{case}", f"/rujukan/{referral}", "/kasus", "/rujukan", "/warga", "/desa"]


def test_a_page_is_read_from_one_snapshot_in_few_statements(
    client: Client, records: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    for role in ("supervisor", "tksk"):
        who = client(role)
        for address in [*records, "/pengawasan"] if role == "supervisor" else records:
            page(who, address)
            statements, snapshots = counted.of(lambda who=who, address=address: page(who, address))  # type: ignore[misc]
            assert snapshots == 1, (role, address)
            assert statements <= QUERIES, (role, address, statements)


def test_what_is_recorded_while_a_page_is_made_stands_on_the_next_one(
    client: Client, records: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, answer_of = client("tksk"), ask._answer_of
    case = records[1].rpartition("/")[2]
    told: list[str] = []

    def meanwhile(method: str, address: str, *more: Any) -> Any:
        found = answer_of(method, address, *more)
        if not told:  # by somebody else, whose request is not this one
            again = {"instrument": "umum", "details": GRAVE}
            record = Thread(target=lambda: told.append(worker.done(f"/api/v1/cases/{case}/assessments", again)["id"]))
            record.start()
            record.join()
        return found

    monkeypatch.setattr(ask, "_answer_of", meanwhile)
    before = page(worker, records[0])
    assert told, "something was recorded while the page was made"
    after = page(worker, records[0])
    assert before.count("<li>") < after.count("<li>"), "one position for the whole page, the next one for the next"


def test_nothing_that_was_opened_outlives_the_page(client: Client, records: list[str]) -> None:
    page(client("supervisor"), records[0])
    assert plain.get() is None


def test_a_page_leaves_one_entry_however_many_answers_opened_something(office: Office, client: Client) -> None:
    peksos = client("peksos")
    address = f"/warga/{protected(peksos)}"
    before = office.reader.head()[0]
    page(peksos, address)
    assert office.reader.head()[0] == before + 1
    page(peksos, f"{address}?posisi={before}")
    assert office.reader.head()[0] == before + 2, "a page of the past opens, and is entered, too"
