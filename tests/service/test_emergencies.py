"""Emergency access: with a reason, for three hours, on the supervisor's list, reviewed by somebody else."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.emergency import review_day
from domain.reading import Reading
from service.office import Office
from tests.service.offices import VILLAGE, Asking, make_office

PEOPLE, EMERGENCIES = "/api/v1/beneficiaries", "/api/v1/emergencies"
REASON = "Anak demam tinggi, wali tidak dapat dihubungi"


class Clock:
    """The office's clock, set by hand: a Monday morning in Limboto."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    def __call__(self) -> str:
        self.time += timedelta(milliseconds=1)
        return self.time.isoformat(timespec="microseconds").replace("+00:00", "Z")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(tmp_path: Path, database_url: str, clock: Clock) -> Iterator[Office]:
    made = make_office(tmp_path, database_url, now=clock)
    yield made
    made.close()


def hidden(here: Office) -> str:
    """A strictly restricted person who is in another worker's hands."""
    theirs = Asking(here, "peksos")
    identity = {"name": "Hasna Lamusu", "birth_date": "2014-02-03", "sex": "P"}
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": identity}
    person = str(theirs.done(PEOPLE, body)["id"])
    theirs.done(f"{PEOPLE}/{person}/classifications", {"type": "anak_korban_kekerasan"})
    return person


def opened(asking: Asking, person: str) -> str:
    return str(asking.done(EMERGENCIES, {"beneficiary": person, "reason": REASON})["id"])


def seen(asking: Asking, person: str, access: str, path: str = "") -> Any:
    headers = {"Authorization": f"Bearer {asking.token}", "Wahana-Emergency": access}
    return asking.client.get(f"{PEOPLE}/{person}{path}", headers=headers)


def test_an_emergency_opens_one_record_for_three_hours(here: Office, clock: Clock) -> None:
    person, tksk = hidden(here), Asking(here, "tksk")
    assert tksk.get(f"{PEOPLE}/{person}").status_code == 404
    access = opened(tksk, person)
    assert tksk.get(f"{PEOPLE}/{person}").status_code == 404, "only a request that names the access uses it"
    shown = seen(tksk, person, access).get_json()["data"]
    assert (shown["sight"], shown["person"]["name"]) == ("full", "Hasna Lamusu")
    assert [one["type"] for one in shown["classifications"]] == ["anak_korban_kekerasan"]
    assert seen(tksk, person, access, "/history").get_json()["data"]["entries"][0]["topic"] == "beneficiary.registered"
    clock.time += timedelta(hours=3)
    over = seen(tksk, person, access)
    assert (over.status_code, over.get_json()["rule"]) == (409, "emergency_over")


def test_it_opens_no_other_record_and_nobody_elses(here: Office) -> None:
    person, tksk, other = hidden(here), Asking(here, "tksk"), Asking(here, "tksk")
    access = opened(tksk, person)
    another = Asking(here, "peksos")
    identity = {"name": "Rosmin Tuli", "birth_date": "2011-07-09", "sex": "P"}
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": identity}
    second = str(another.done(PEOPLE, body)["id"])
    another.done(f"{PEOPLE}/{second}/classifications", {"type": "anak_korban_kekerasan"})
    assert seen(tksk, second, access).status_code == 404
    stolen = seen(other, person, access)
    assert (stolen.status_code, stolen.get_json()["rule"]) == (409, "not_your_emergency")
    assert seen(tksk, person, "bukan-nomor").status_code == 404


def test_its_use_is_in_the_reading_trail(here: Office) -> None:
    person, tksk, dpo = hidden(here), Asking(here, "tksk"), Asking(here, "dpo")
    access = opened(tksk, person)
    seen(tksk, person, access)
    entry = [event for event in here.reader.read(0, 10_000) if isinstance(event, Reading.Made)][-1]
    assert (entry.by, entry.subjects, entry.emergency) == (tksk.account, (person,), access)
    assert dpo.data(f"{PEOPLE}/{person}/readings")[0]["emergency"] == access


def test_it_stands_on_the_supervisors_list_until_somebody_else_reviews_it(here: Office, clock: Clock) -> None:
    person, tksk, supervisor = hidden(here), Asking(here, "tksk"), Asking(here, "supervisor")
    access = opened(tksk, person)
    [row] = supervisor.data(EMERGENCIES, unreviewed="true")
    assert (row["id"], row["holder"], row["reason"], row["open"]) == (access, tksk.account, REASON, True)
    assert (row["review_by"], row["overdue"]) == ("2026-03-04", False)
    clock.time += timedelta(days=3)
    assert [row["overdue"] for row in supervisor.data(EMERGENCIES)] == [True]
    assert tksk.refused(f"{EMERGENCIES}/{access}/review", {"justified": True}) == "not_allowed"
    supervisor.done(f"{EMERGENCIES}/{access}/review", {"justified": False, "note": "Wali dapat dihubungi"})
    assert supervisor.data(EMERGENCIES, unreviewed="true") == []
    [row] = supervisor.data(EMERGENCIES, beneficiary=person)
    assert (row["justified"], row["note"], row["overdue"]) == (False, "Wali dapat dihubungi", False)
    rule = supervisor.refused(f"{EMERGENCIES}/{access}/review", {"justified": True})
    assert rule == "emergency_already_reviewed"


def test_nobody_reviews_her_own(here: Office) -> None:
    person, supervisor = hidden(here), Asking(here, "supervisor")
    access = opened(supervisor, person)
    assert supervisor.refused(f"{EMERGENCIES}/{access}/review", {"justified": True}) == "own_emergency"


def test_it_can_be_ended_early_by_its_holder_alone(here: Office) -> None:
    person, tksk = hidden(here), Asking(here, "tksk")
    access = opened(tksk, person)
    assert Asking(here, "tksk").refused(f"{EMERGENCIES}/{access}/end") == "not_your_emergency"
    tksk.done(f"{EMERGENCIES}/{access}/end")
    assert seen(tksk, person, access).get_json()["rule"] == "emergency_over"


@pytest.mark.parametrize(
    ("role", "may"), [("psm", False), ("kades", False), ("auditor", False), ("kepala_dinas", True)]
)
def test_only_who_cares_for_people_may_open_one(here: Office, role: str, may: bool) -> None:
    person, asking = hidden(here), Asking(here, role)
    answer = asking.post(EMERGENCIES, {"beneficiary": person, "reason": REASON})
    assert answer.status_code == (201 if may else 403)


def test_an_area_worker_opens_none_elsewhere(here: Office) -> None:
    person, away = hidden(here), Asking(here, "tksk", ("75.01.04",))
    assert away.refused(EMERGENCIES, {"beneficiary": person, "reason": REASON}) == "not_found"


def test_the_reason_lies_in_the_vault(here: Office) -> None:
    person, tksk = hidden(here), Asking(here, "tksk")
    opened(tksk, person)
    assert not [row for row in here.log.stored(0, 10_000) if "demam" in row.text]


def test_two_working_days_leave_the_weekend_out() -> None:
    assert review_day(date(2026, 3, 2)) == date(2026, 3, 4)
    assert review_day(date(2026, 3, 5)) == date(2026, 3, 9)
    assert review_day(date(2026, 3, 7)) == date(2026, 3, 10)
