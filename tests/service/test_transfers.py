"""A request to take a case over that nobody answers comes to the supervisor by its age, and both sides see it wait."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.office import Office
from tests.service.offices import Asking, Clock, make_office
from tests.service.test_api_cases import DAY, opened
from tests.service.web_office import filled, page, told

WAITING = "/api/v1/cases/transfers"
ASKED = "2026-06-01"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    made = make_office(tmp_path, now=clock)
    yield made
    made.close()


def asked_for(worker: Asking, case: str, other: Asking) -> int:
    body = {"worker": other.account, "reason": "Pindah tugas", "on": ASKED}
    return int(worker.done(f"/api/v1/cases/{case}/transfer-request", body)["events"][-1]["position"])


def test_what_is_not_answered_in_a_week_comes_to_the_supervisor_without_an_event(here: Office, clock: Clock) -> None:
    worker, other, supervisor = (Asking(here, role) for role in ("tksk", "psm", "supervisor"))
    case = opened(here, worker)
    asked_for(worker, case, other)
    clock.wait(days=6)
    [row] = supervisor.data(WAITING)
    assert [row[name] for name in ("id", "worker", "transfer_to", "asked_on", "age_days", "unanswered")] == [
        case,
        worker.account,
        other.account,
        ASKED,
        6,
        False,
    ]
    assert supervisor.data(WAITING, unanswered="true") == []
    assert "Menunggu jawaban sejak" not in told(page(supervisor, "/pengawasan"))
    head = here.reader.head()[0]
    clock.wait(days=1)
    assert [one["id"] for one in supervisor.data(WAITING, unanswered="true")] == [case]
    html = page(supervisor, "/pengawasan")
    assert "Menunggu jawaban sejak 1 Juni 2026." in told(html)
    assert f"/catat/case.transfer?kembali=/pengawasan&amp;versi={row['version']}&amp;stream={case}" in html
    past = supervisor.data(WAITING, unanswered="true", as_of="2026-06-07T12:00:00Z")
    assert past == [], "as of a day on which it had not waited for so long"
    assert [
        row["topic"] for row in here.database.rows("SELECT topic FROM events WHERE position > :head", head=head)
    ] == []


def test_both_sides_see_it_wait_with_its_age_until_it_is_answered(here: Office, clock: Clock) -> None:
    worker, other, third = Asking(here, "tksk"), Asking(here, "psm"), Asking(here, "psm")
    case = opened(here, worker)
    first = asked_for(worker, case, other)
    clock.wait(days=2)
    assert "diminta kepada petugas lain, oleh tksk sejak 1 Jun 2026 menunggu 2 hari" in told(page(worker, "/"))
    assert "Menunggu jawaban sejak 1 Juni 2026." in told(page(worker, f"/kasus/{case}"))
    hers = page(other, "/")
    assert "Anda diminta mengambilnya, oleh tksk sejak 1 Jun 2026 menunggu 2 hari" in told(hers)
    assert "/catat/case.decline_transfer?" in hers
    assert third.data(WAITING) == []
    assert "menunggu jawaban" not in told(page(third, "/"))
    other.done(f"/api/v1/cases/{case}/transfer-refusal", {"reason": "Penuh"})
    for who in (worker, other):
        assert who.data(WAITING) == []
    assert [one["id"] for one in worker.data(WAITING, as_of=first)] == [case]


def test_of_several_requests_the_last_one_counts(here: Office, clock: Clock) -> None:
    worker, other = Asking(here, "tksk"), Asking(here, "psm")
    case = opened(here, worker)
    for day in (DAY, ASKED):
        body = {"worker": other.account, "reason": "Pindah tugas", "on": day}
        worker.done(f"/api/v1/cases/{case}/transfer-request", body)
        if day == DAY:
            other.done(f"/api/v1/cases/{case}/transfer-refusal", {"reason": "Penuh"})
    assert [one["asked_on"] for one in worker.data(WAITING)] == [ASKED]


def test_whoever_is_asked_takes_the_case_from_her_first_page_before_she_may_read_it(here: Office) -> None:
    worker, other = Asking(here, "tksk"), Asking(here, "psm")
    case = opened(here, worker, tier=2)
    asked_for(worker, case, other)
    assert other.get(f"/api/v1/cases/{case}").status_code == 404
    [link] = re.findall(r'href="(/catat/case.transfer[^"]*)"', page(other, "/"))
    assert filled(other, link).status_code == 303
    assert other.data(f"/api/v1/cases/{case}")["worker"] == other.account
