"""Corrections over HTTP: they reach no further than the record, and no sentence gets where a code stood."""

from collections.abc import Callable
from datetime import date

from domain.account import Account
from service.office import Office
from tests.service.offices import VILLAGE, Asking

BODY = {"reason": "salah ketik", "requested_by": "supervisor"}


def test_a_supervisor_cannot_make_somebody_an_administrator_by_a_correction(
    office: Office, client: Callable[[str], Asking]
) -> None:
    supervisor, worker = client("supervisor"), client("peksos")
    path = f"/api/v1/streams/{worker.account}/corrections"
    assert supervisor.post(path, {**BODY, "target": 2, "values": {"role": "admin"}}).status_code == 403
    retraction = f"/api/v1/streams/{worker.account}/retractions"
    assert supervisor.post(retraction, {**BODY, "target": 2}).status_code == 403
    assert [one.role for one in office.log.load(Account, worker.account).grants.values()] == ["peksos"]


def test_an_administrator_may_correct_a_post_but_not_a_login(client: Callable[[str], Asking]) -> None:
    admin, worker = client("admin"), client("peksos")
    path = f"/api/v1/streams/{worker.account}/corrections"
    admin.done(path, {**BODY, "target": 2, "values": {"title": "Pekerja Sosial Ahli"}})
    assert admin.post(path, {**BODY, "target": 1, "values": {"login": "lain-lagi"}}).status_code == 422


def test_a_sentence_does_not_take_the_place_of_a_code(client: Callable[[str], Asking]) -> None:
    supervisor = client("supervisor")
    kps = supervisor.done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": "Mawar"})["id"]
    path = f"/api/v1/streams/{kps}/corrections"
    wrong = {**BODY, "target": 1, "values": {"kind": "Ibu Rahma sakit keras"}}
    assert supervisor.post(path, wrong).status_code == 422
    supervisor.done(path, {**BODY, "target": 1, "values": {"name": "Arisan Mawar", "kind": "paguyuban"}})
    (row,) = supervisor.data("/api/v1/kps", village=VILLAGE)
    assert (row["name"], row["kind"]) == ("Arisan Mawar", "paguyuban")


def test_a_day_is_corrected_and_the_old_one_stays_readable(office: Office, client: Callable[[str], Asking]) -> None:
    supervisor = client("supervisor")
    kps = supervisor.done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": "Mawar", "on": "2026-01-05"})[
        "id"
    ]
    supervisor.done(
        f"/api/v1/streams/{kps}/corrections", {**BODY, "target": 1, "values": {"on": "2026-01-04"}, "on": "2026-02-01"}
    )
    assert supervisor.data("/api/v1/kps", village=VILLAGE)[0]["active_from"] == "2026-01-04"
    first, correction = office.log.history(kps)
    assert first.on == date(2026, 1, 5)
    assert correction.corrects == first.id
