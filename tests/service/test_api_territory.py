"""The territory, the registers and the indicators over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.indicator import WKSBM_COVERAGE_ID
from service.office import Office
from tests.service.offices import VILLAGE, Asking

Client = Callable[[str], Asking]
DECREE = {"edition": "75.01/2026", "decree": "Perda 2/2026", "valid_from": "2026-03-01"}
ELSEWHERE = "75.01.01.1001"


def village(code: str, name: str) -> dict[str, Any]:
    return {"code": code, "name": name, "kind": "desa", "kecamatan": code[:8], "kecamatan_name": "Telaga"}


def test_everybody_sees_the_villages_of_a_day(client: Client) -> None:
    found = client("admin").data("/api/v1/territory")
    assert (len(found["villages"]), found["edition"]) == (205, "75.01/2025")
    assert len(client("kades").data("/api/v1/territory")["villages"]) == 205


def test_a_renamed_village_keeps_its_old_name_on_earlier_days(client: Client) -> None:
    who = client("supervisor")
    who.done("/api/v1/territory/renamings", {"code": VILLAGE, "name": "Bulila Jaya", **DECREE})

    def name(day: str) -> str:
        villages = who.data("/api/v1/territory", on=day)["villages"]
        return str(next(each["name"] for each in villages if each["code"] == VILLAGE))

    assert (name("2026-02-28"), name("2026-03-01")) == ("Bulila", "Bulila Jaya")
    assert who.refused("/api/v1/territory/renamings", {"code": VILLAGE, "name": "Lain", **DECREE}) == "edition_taken"


def test_villages_are_split_and_merged_by_decree(client: Client) -> None:
    who = client("supervisor")
    parts = [village("75.01.02.2098", "Bulila Utara"), village(VILLAGE, "Bulila")]
    who.done("/api/v1/territory/splits", {"code": VILLAGE, "villages": parts, **DECREE})
    assert len(who.data("/api/v1/territory")["villages"]) == 206
    later = {"edition": "75.01/2026b", "decree": "Perda 3/2026", "valid_from": "2026-06-01"}
    body = {"codes": [VILLAGE, "75.01.02.2098"], "into": village(VILLAGE, "Bulila"), **later}
    who.done("/api/v1/territory/mergers", body)
    found = who.data("/api/v1/territory")
    assert (len(found["villages"]), found["edition"], len(found["changes"])) == (205, "75.01/2026b", 3)
    assert len(who.data("/api/v1/villages", on="2026-05-31")) == 206


def test_a_whole_new_list_replaces_the_old_one(client: Client) -> None:
    who = client("supervisor")
    who.done("/api/v1/territory/lists", {"villages": [village(VILLAGE, "Bulila")], **DECREE})
    assert [each["code"] for each in who.data("/api/v1/territory")["villages"]] == [VILLAGE]
    assert len(who.data("/api/v1/territory", on="2026-02-28")["villages"]) == 205


@pytest.mark.parametrize("role", ["kades", "auditor", "tksk"])
def test_borders_are_not_for_everybody(client: Client, role: str) -> None:
    answer = client(role).post("/api/v1/territory/renamings", {"code": VILLAGE, "name": "X", **DECREE})
    assert answer.status_code == 403


def test_a_statistics_number_is_refused_as_a_village_code(client: Client) -> None:
    answer = client("supervisor").post("/api/v1/territory/renamings", {"code": "7502011001", "name": "X", **DECREE})
    assert "code" in answer.get_json()["errors"]["json"]


def test_a_contact_is_opened_for_one_entry_and_not_in_a_list(client: Client) -> None:
    who = client("supervisor")
    body = {"village": VILLAGE, "kind": "arisan", "name": "Arisan Melati", "contact": "0812-0000-0000"}
    kps = who.done("/api/v1/kps", body)["id"]
    assert who.data("/api/v1/kps")[0]["contact"] is True
    assert who.data(f"/api/v1/kps/{kps}")["contact"] == "0812-0000-0000"
    assert who.get(f"/api/v1/kps/{kps}").headers["ETag"] == '"1"'


def test_who_serves_a_kecamatan_is_recorded_and_seen_there(client: Client, office: Office) -> None:
    who, far = client("tksk"), Asking(office, "tksk", ("75.01.01",))
    psks = who.done("/api/v1/psks", {"kind": "tksk", "name": "TKSK Telaga", "area": "75.01.02", "on": "2020-01-01"})[
        "id"
    ]
    at = f"/api/v1/psks/{psks}"
    who.done(f"{at}/offers", {"service": "pendampingan", "capacity": 10, "catchment": ["75.01.02"]})
    assert who.data("/api/v1/psks", service="pendampingan")[0]["services"][0]["capacity"] == 10
    assert far.data("/api/v1/psks") == []
    assert far.post(f"{at}/ending", {"reason": "pindah"}).status_code == 404
    who.done(f"{at}/withdrawals", {"service": "pendampingan"})
    who.done(f"{at}/ending", {"reason": "masa_tugas_berakhir"})
    assert who.data("/api/v1/psks", active="true") == []
    who.done(f"{at}/resumption")
    assert who.data(at)["active"] is True


def test_a_wksbm_is_not_entered_as_psks_as_well(client: Client) -> None:
    body = {"kind": "wksbm", "name": "WKSBM Huyula", "village": VILLAGE}
    assert client("supervisor").refused("/api/v1/psks", body) == "wksbm_has_its_own_record"


def test_the_stated_baseline_and_the_targets_stand_with_the_indicator(client: Client) -> None:
    who = client("kepala_dinas")
    body = {"id": WKSBM_COVERAGE_ID, "name": "Cakupan WKSBM", "definition": "Desa/kelurahan yang mempunyai WKSBM"}
    at = f"/api/v1/indicators/{who.done('/api/v1/indicators', body)['id']}"
    baseline = {
        "permille": 250,
        "month": "2019-07",
        "wording": "sekitar 25 persen",
        "reference": "60DTK, 25 Juli 2019",
        "approximate": True,
        "definition_unknown": True,
    }
    who.done(f"{at}/baselines", baseline)
    who.done(f"{at}/targets", {"year": 2026, "permille": 1000, "reference": "Renstra"})
    found = who.data(at)
    assert found["baselines"][0]["wording"] == "sekitar 25 persen"
    assert found["targets"] == [
        {"year": 2026, "permille": 1000, "reference": "Renstra", "stated_on": found["targets"][0]["stated_on"]}
    ]
    assert [note["kind"] for note in who.data("/api/v1/coverage")["notes"]] == ["baseline", "target"]
    assert client("kades").post(f"{at}/targets", {"year": 2026, "permille": 1, "reference": "X"}).status_code == 403
