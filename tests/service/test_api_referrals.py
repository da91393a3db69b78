"""Referrals over HTTP: sent, answered, ended, and noted on their case."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

import domain
from domain.codes import CodeHistory
from domain.destinations import NEEDS
from service.api.codes import LISTS
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import Asking
from tests.service.test_api_cases import DAY, GRAVE, opened
from tests.service.test_review_past import tightened

Client = Callable[[str], Asking]
MOMENTS = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00%2B14:00",
    "9999-12-31T23:59:59Z",
    "2019-01-01T00:00:00Z",
    "3",
    "999999",
)
HEARD = {"channel": "telepon", "informant": "Ibu Hadija", "note": "Ditelepon balik"}


def sending(**more: Any) -> dict[str, Any]:
    return {
        "destination_kind": "puskesmas",
        "destination": "Puskesmas Limboto",
        "need": "pemeriksaan",
        "on": DAY,
        **more,
    }


def sent(worker: Asking, case: str, **more: Any) -> str:
    return str(worker.done(f"/api/v1/cases/{case}/referrals", sending(**more))["id"])


def test_a_referral_goes_out_and_its_word_comes_back(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    referral = sent(worker, case, letter_number="460/12")
    at = f"/api/v1/referrals/{referral}"
    assert worker.refused(f"/api/v1/cases/{case}/closure", {"reason": "menolak", "outcome": "sebagian"}) == (
        "case_has_open_referral"
    )
    worker.done(f"{at}/return", {**HEARD, "reason": "berkas_kurang", "missing": ["ktp_kk"], "on": "2026-03-04"})
    worker.done(f"{at}/resubmission", {**HEARD, "reply_by": "2026-03-12", "on": "2026-03-06"})
    worker.done(f"{at}/acceptance", {**HEARD, "on": "2026-03-07"})
    worker.done(f"{at}/schedule", {**HEARD, "planned_for": "2026-03-10", "on": "2026-03-07"})
    worker.done(f"{at}/handling", {**HEARD, "on": "2026-03-10"})
    ended = worker.done(f"{at}/completion", {**HEARD, "outcome": "tertangani", "on": "2026-03-20"})
    assert [event["topic"] for event in ended["events"]] == ["referral.completed", "case.referral_settled"]
    assert ended["id"] == referral
    worker.done(f"{at}/feedback", {"channel": "surat", "feedback": "Sudah sehat", "on": "2026-03-25"})
    row = worker.data(at)
    assert [row["state"], row["open"], row["outcome"], row["loop_closed"]] == ["selesai", False, "tertangani", True]
    assert [(one["step"], one.get("days")) for one in row["steps"]] == [
        ("submitted", 2),
        ("returned", 2),
        ("resubmitted", 1),
        ("accepted", 0),
        ("scheduled", 3),
        ("handled", 10),
        ("completed", None),
        ("feedback_received", None),
    ]
    shown = worker.data(f"/api/v1/cases/{case}")
    assert [shown["open"], shown["open_referrals"], shown["referrals"][0]["state"]] == [True, 0, "selesai"]
    worker.done(f"/api/v1/cases/{case}/closure", {"reason": "tujuan_tercapai", "outcome": "tercapai"})


@pytest.mark.parametrize(
    ("noun", "body", "state"),
    [
        ("rejection", {**HEARD, "reason": "penuh"}, "ditolak"),
        ("withdrawal", {**HEARD, "reason": "Keluarga menolak"}, "dibatalkan"),
        ("absence", HEARD, "tidak_hadir"),
        ("expiry", {}, "kedaluwarsa"),
    ],
)
def test_every_end_settles_the_case_s_referral(
    office: Office, client: Client, noun: str, body: dict[str, Any], state: str
) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    referral = sent(worker, case)
    worker.done(f"/api/v1/referrals/{referral}/{noun}", body)
    assert worker.data(f"/api/v1/referrals/{referral}")["state"] == state
    assert worker.data(f"/api/v1/cases/{case}")["open_referrals"] == 0
    assert worker.refused(f"/api/v1/referrals/{referral}/{noun}", body) == "referral_has_ended"


def test_a_referral_is_forwarded_to_the_next_destination(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    first, second = sent(worker, case), new_id()
    onward = sending(
        id=second, destination_kind="rumah_sakit", destination="RSUD Dunda", channel="telepon", note="Rawat"
    )
    answer = worker.done(f"/api/v1/referrals/{first}/forwarding", onward)
    assert answer["id"] == first
    rows = {row["id"]: row for row in worker.data("/api/v1/referrals", case=case)}
    assert [rows[first]["state"], rows[first]["next_referral"]] == ["dialihkan", second]
    assert [rows[second]["state"], rows[second]["forwarded_from"]] == ["diajukan", first]
    assert worker.data(f"/api/v1/cases/{case}")["open_referrals"] == 1


def test_a_provincial_home_asks_for_an_assessment_and_a_letter(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    home = sending(destination_kind="panti_provinsi", destination="Panti Ilomata")
    at = f"/api/v1/cases/{case}"
    assert worker.refused(f"{at}/referrals", home) == "referral_needs_assessment"
    worker.done(f"{at}/assessments", {"instrument": "umum", "details": GRAVE, "on": DAY})
    assert worker.refused(f"{at}/referrals", home) == "referral_needs_letter"
    worker.done(f"{at}/referrals", {**home, "letter_number": "460/1"})


def test_a_strictly_restricted_person_s_destination_is_sealed(office: Office, client: Client) -> None:
    worker, supervisor, auditor = client("peksos"), client("supervisor"), client("auditor")
    case = opened(office, worker, tier=3)
    vital = {"basis": "kepentingan_vital"}
    assert worker.refused(f"/api/v1/cases/{case}/referrals", sending()) == "consent_needed"
    assert worker.post(f"/api/v1/cases/{case}/referrals", sending(need="entah", **vital)).status_code == 422
    referral = sent(worker, case, **vital)
    stored = " ".join(row[0] for row in office.database.rows("SELECT text FROM events"))
    assert "puskesmas" not in stored.lower()
    assert "pemeriksaan" not in stored
    assert "kepentingan_vital" not in stored
    row = worker.data(f"/api/v1/referrals/{referral}")
    assert [row["destination_kind"], row["destination"], row["need"]] == [
        "puskesmas",
        "Puskesmas Limboto",
        "pemeriksaan",
    ]
    assert supervisor.data(f"/api/v1/referrals/{referral}")["destination"] == "Puskesmas Limboto"
    assert auditor.data(f"/api/v1/referrals/{referral}")["destination"] == "ketat"
    assert [row["destination"] for row in worker.data("/api/v1/referrals")] == ["ketat"]
    assert supervisor.data("/api/v1/referrals/summary")["by_destination"][0]["destination_kind"] is None


def test_a_destination_told_in_the_open_is_hidden_when_the_person_becomes_strictly_restricted(
    office: Office, client: Client
) -> None:
    worker, auditor = client("peksos"), client("auditor")
    case = opened(office, worker)
    referral = sent(worker, case)
    at, figure = f"/api/v1/referrals/{referral}", "/api/v1/figures/referrals.open"
    assert auditor.data(at)["destination"] == "Puskesmas Limboto"
    assert len(auditor.data("/api/v1/referrals", destination_kind="puskesmas")) == 1
    assert len(auditor.data(figure, destination_kind="puskesmas")["rows"]) == 1
    before = tightened(office, worker.data(at)["beneficiary"])
    for moment in ({}, {"as_of": before}):
        (row,) = auditor.data("/api/v1/referrals", **moment)
        for told in (row, auditor.data(at, **moment)):
            assert {told[name] for name in ("destination_kind", "destination", "need")} == {"ketat"}
        assert auditor.data("/api/v1/referrals", **moment, destination_kind="puskesmas") == []
        assert auditor.data(figure, **moment, destination_kind="puskesmas")["rows"] == []
        assert worker.data(at, **moment)["destination"] == "Puskesmas Limboto"


def test_the_summary_counts_by_destination_age_and_step(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = opened(office, worker)
    waiting, answered = sent(worker, case), sent(worker, case, destination_kind="dukcapil", need="dokumen")
    worker.done(f"/api/v1/referrals/{answered}/acceptance", HEARD)
    found = supervisor.data("/api/v1/referrals/summary")
    assert [found["open"], found["silent"], found["stuck"]] == [2, 1, 1]
    assert [(row["destination_kind"], row["open"], row["silent"]) for row in found["by_destination"]] == [
        ("dukcapil", 1, 0),
        ("puskesmas", 1, 1),
    ]
    assert [(row["state"], row["open"], row["stuck"]) for row in found["by_step"]] == [
        ("diajukan", 1, 1),
        ("diterima", 1, 0),
    ]
    for query in ({"silent": "true"}, {"stuck": 14}, {"age": 14, "destination_kind": "puskesmas"}):
        assert [row["id"] for row in supervisor.data("/api/v1/referrals", **query)] == [waiting]
    assert supervisor.data("/api/v1/referrals", open="false") == []
    page = supervisor.get("/api/v1/referrals", limit=1).get_json()
    assert len(supervisor.data("/api/v1/referrals", limit=1, cursor=page["next_cursor"])) == 1


def test_the_list_names_whom_each_is_about_when_asked_as_far_as_the_reader_may_see_her(
    office: Office, client: Client
) -> None:
    worker, partner = client("tksk"), client("mitra")
    case = opened(office, worker)
    sent(worker, case, destination_id=partner.account)
    (plain,) = worker.data("/api/v1/referrals")
    (named,) = worker.data("/api/v1/referrals", people="true")
    assert "person" not in plain
    assert named["person"]["name"] == "Warga Uji"
    assert {name: value for name, value in named.items() if name not in ("person", "sight")} == plain
    (addressed,) = partner.data("/api/v1/referrals", people="true")
    assert (addressed["person"], addressed["sight"]) == (None, "none")


def test_a_partner_and_people_of_elsewhere_see_no_referral(office: Office, client: Client) -> None:
    worker, partner, far = client("tksk"), Asking(office, "mitra"), Asking(office, "tksk", ("75.01.01",))
    referral = sent(worker, opened(office, worker))
    assert partner.data("/api/v1/referrals") == []
    assert far.data("/api/v1/referrals") == []
    assert far.get(f"/api/v1/referrals/{referral}").status_code == 404
    assert far.refused(f"/api/v1/referrals/{referral}/acceptance", HEARD) == "not_found"


def test_a_partner_answers_what_is_addressed_to_it_and_nothing_else(office: Office, client: Client) -> None:
    worker, partner, other = client("tksk"), Asking(office, "mitra"), Asking(office, "mitra")
    case = opened(office, worker)
    mine, plain = (sent(worker, case, **more) for more in ({"destination_id": partner.account}, {}))
    assert [row["id"] for row in partner.data("/api/v1/referrals")] == [mine]
    assert other.data("/api/v1/referrals") == []
    for id, asking in ((plain, partner), (mine, other)):
        assert asking.refused(f"/api/v1/referrals/{id}/acceptance", HEARD) == "not_found"
    own_word = {"channel": "telepon", "informant": "Petugas", "note": "Siap"}
    partner.done(f"/api/v1/referrals/{mine}/acceptance", own_word)
    partner.done(f"/api/v1/referrals/{mine}/handling", own_word)
    assert partner.refused(f"/api/v1/referrals/{mine}/withdrawal", {"reason": "menolak"}) == "not_allowed"
    partner.done(f"/api/v1/referrals/{mine}/completion", {**own_word, "outcome": "tertangani"})
    assert worker.data(f"/api/v1/referrals/{mine}")["state"] == "selesai"
    assert partner.get(f"/api/v1/cases/{case}").status_code == 403, "a partner reads no case at all"


def test_the_worker_of_a_case_elsewhere_sees_its_referrals(office: Office, client: Client) -> None:
    worker, far = client("psm"), Asking(office, "peksos", ("75.01.01",))
    case = opened(office, worker)
    referral = sent(worker, case)
    assert far.get(f"/api/v1/referrals/{referral}").status_code == 404
    client("supervisor").done(f"/api/v1/cases/{case}/transfer", {"worker": far.account})
    assert far.data(f"/api/v1/referrals/{referral}")["state"] == "diajukan"


def test_the_same_submission_twice_is_one_referral(office: Office, client: Client) -> None:
    worker = client("tksk")
    case, key = opened(office, worker), new_id()
    first = worker.done(f"/api/v1/cases/{case}/referrals", sending(), **{"Idempotency-Key": key})
    again = worker.done(f"/api/v1/cases/{case}/referrals", sending(), **{"Idempotency-Key": key})
    assert first == again
    assert first["events"][0]["topic"] == "referral.submitted"


@pytest.mark.parametrize("path", ["cases", "cases/{}", "caseload", "referrals", "referrals/{}", "referrals/summary"])
def test_any_moment_can_be_asked_for(office: Office, client: Client, path: str) -> None:
    worker = client("tksk")
    referral = sent(worker, opened(office, worker))
    for moment in MOMENTS:
        for name in (referral, "%00", "entah"):
            answer = worker.client.get(
                f"/api/v1/{path.format(name)}?as_of={moment}", headers={"Authorization": f"Bearer {worker.token}"}
            )
            assert answer.status_code in (200, 400, 404, 422), answer.get_data(as_text=True)


def test_every_list_of_the_domain_is_published() -> None:
    modules = [importlib.import_module(f"domain.{module.name}") for module in pkgutil.iter_modules(domain.__path__)]
    published = [id(history) for history in LISTS.values()]
    for module in modules:
        for name, value in vars(module).items():
            assert not isinstance(value, CodeHistory) or id(value) in published, f"{module.__name__}.{name}"


@pytest.mark.parametrize(
    ("wording", "code", "subtype", "suggested"),
    [
        ("ODGJ", "penyandang_disabilitas", "mental", "anak_dengan_kedisabilitasan"),
        ("PMKS: wanita rawan sosial ekonomi", "perempuan_rawan_sosial_ekonomi", None, None),
        ("Keluarga berumah tak layak huni", None, None, "fakir_miskin"),
        ("entah apa", None, None, None),
    ],
)
def test_older_wording_finds_the_type_of_today_or_asks_a_person(
    client: Client, wording: str, code: str | None, subtype: str | None, suggested: str | None
) -> None:
    answer = client("kades").post("/api/v1/codes/ppks.types/meaning", {"wording": wording})
    assert answer.status_code == 200
    told = answer.get_json()
    assert (told["code"], told["subtype"], told["types"]) == (code, subtype, "ID-PPKS-2012")
    assert told["suggestions"] == ([suggested] if suggested else [])


def test_the_lists_and_instruments_can_be_read(office: Office, client: Client) -> None:
    anybody = client("kades")
    lists = {one["list"]: one for one in anybody.get("/api/v1/codes").get_json()}
    assert set(lists) == set(LISTS)
    assert lists["referral.needs"]["versions"][0]["codes"] == dict(NEEDS.versions[0].codes)
    assert anybody.get("/api/v1/codes/case.channels", on=DAY).get_json()["versions"][0]["version"] == "ID-SALURAN-2019"
    assert anybody.get("/api/v1/codes/entah").status_code == 404
    forms = anybody.get("/api/v1/instruments").get_json()
    assert {("umum", "1"), ("umum", "2")} <= {(form["code"], form["version"]) for form in forms}
    assert forms[0]["questions"][0]["text"]
