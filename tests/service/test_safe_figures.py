"""Counts of the strictly restricted on the boards: whole for who is cleared for all, else suppressed and of month ends."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.beneficiary import Beneficiary
from service.casebook import Decision
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking, make_office, record, restrict

NEAR, FAR = "75.01.02.2014", "75.01.04.2003"


class Moments:
    """The office's clock: the tenth of March, moved on by the test."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 10, 1, tzinfo=UTC)

    def __call__(self) -> str:
        self.time += timedelta(milliseconds=1)
        return self.time.isoformat(timespec="microseconds").replace("+00:00", "Z")


@pytest.fixture
def clock() -> Moments:
    return Moments()


@pytest.fixture
def here(tmp_path: Path, database_url: str, clock: Moments) -> Iterator[Office]:
    made = make_office(tmp_path, database_url, now=clock)
    yield made
    made.close()


def strict_people(here: Office, village: str, number: int) -> None:
    def decide(decision: Decision) -> None:
        for _ in range(number):
            stream = new_id()
            identity = decision.seal(stream, {"identity": {"name": "Warga Uji"}})
            found = Beneficiary.register(
                stream, on=date(2026, 1, 5), village=village, kind="person", channel="desa", identity=identity
            )
            decision.begin(found)
            restrict(decision, found)

    record(here, decide)


def board(asking: Asking, **query: Any) -> dict[str, int | None]:
    return {row["code"]: row["people"]["tier_3"] for row in asking.data("/api/v1/villages", **query)}


def test_who_is_cleared_for_all_sees_today_and_others_the_last_month_end(here: Office, clock: Moments) -> None:
    strict_people(here, VILLAGE, 7)
    supervisor, head = Asking(here, "supervisor"), Asking(here, "kepala_dinas")
    assert board(supervisor)[VILLAGE] == 7
    assert board(head)[VILLAGE] == 0, "at the end of February there was nobody"
    clock.time = datetime(2026, 4, 2, tzinfo=UTC)
    strict_people(here, VILLAGE, 1)
    assert board(supervisor)[VILLAGE] == 8
    answer = head.get("/api/v1/villages").get_json()
    assert {row["code"]: row["people"]["tier_3"] for row in answer["data"]}[VILLAGE] == 7
    assert answer["suppressed"] == {"least": 5, "as_of": "2026-03-31T16:00:00.000000Z"}
    assert "suppressed" not in supervisor.get("/api/v1/villages").get_json()


def test_neighbouring_moments_tell_the_same_until_the_month_is_over(here: Office, clock: Moments) -> None:
    strict_people(here, VILLAGE, 7)
    clock.time = datetime(2026, 4, 2, tzinfo=UTC)
    head, seen = Asking(here, "kepala_dinas"), set()
    for _ in range(4):
        before = here.reader.head()[0]
        strict_people(here, VILLAGE, 1)
        clock.time += timedelta(days=5)
        for moment in ({}, {"as_of": before}, {"as_of": here.reader.head()[0]}):
            seen.add(board(head, **moment)[VILLAGE])
    assert seen == {7}


def test_small_counts_and_what_would_give_them_away_are_not_told(here: Office, clock: Moments) -> None:
    strict_people(here, VILLAGE, 2)
    strict_people(here, NEAR, 6)
    strict_people(here, FAR, 9)
    clock.time = datetime(2026, 4, 2, tzinfo=UTC)
    auditor, supervisor = Asking(here, "auditor"), Asking(here, "supervisor")
    told = board(auditor)
    assert (told[VILLAGE], told[NEAR], told[FAR]) == (None, None, 9)
    kecamatan = {row["code"]: row["people"]["tier_3"] for row in auditor.data("/api/v1/kecamatan")}
    assert (kecamatan[VILLAGE[:8]], kecamatan[FAR[:8]]) == (8, 9)
    assert auditor.data(f"/api/v1/villages/{VILLAGE}")["people"]["tier_3"] is None
    assert [board(supervisor)[code] for code in (VILLAGE, NEAR, FAR)] == [2, 6, 9]


def test_the_figure_behind_the_board_tells_no_more_than_the_board(here: Office, clock: Moments) -> None:
    strict_people(here, VILLAGE, 2)
    strict_people(here, NEAR, 6)
    clock.time = datetime(2026, 4, 2, tzinfo=UTC)
    auditor, supervisor = Asking(here, "auditor"), Asking(here, "supervisor")
    figure = "/api/v1/figures/board.people.tier_3"
    counts = [auditor.data(figure, **about) for about in ({"village": VILLAGE}, {"kecamatan": VILLAGE[:8]}, {})]
    assert [(one["count"], one["rows"], one["left_out"]) for one in counts] == [
        (None, [], None),
        (8, [], None),
        (8, [], None),
    ]
    assert supervisor.data(figure, village=VILLAGE)["count"] == 2
    assert len(supervisor.data(figure, village=VILLAGE)["rows"]) == 2


def test_a_social_worker_without_every_clearance_gets_the_same_as_the_head_of_office(
    here: Office, clock: Moments
) -> None:
    strict_people(here, VILLAGE, 2)
    clock.time = datetime(2026, 4, 2, tzinfo=UTC)
    some = Asking(here, "peksos", clearances={"anak", "kekerasan"})
    assert board(some) == board(Asking(here, "kepala_dinas"))
    assert board(some)[VILLAGE] is None
    assert board(Asking(here, "peksos"))[VILLAGE] == 2


def test_who_knows_of_nobody_strictly_restricted_counts_nobody(here: Office, clock: Moments) -> None:
    strict_people(here, VILLAGE, 7)
    clock.time = datetime(2026, 4, 2, tzinfo=UTC)
    assert board(Asking(here, "kades"))[VILLAGE] == 0
