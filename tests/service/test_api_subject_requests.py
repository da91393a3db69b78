"""What people ask of their data over HTTP, within which time, and what they are given."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from service.cli import main
from service.log.ids import new_id
from service.office import Office, utc_now
from tests.service.offices import VILLAGE, Asking, make_office, person, settings_of
from tests.service.test_api_cases import opened
from tests.service.test_api_consents import agreed, of_case
from tests.service.test_api_referrals import HEARD, sending, sent

Client = Callable[[str], Asking]
AT = "/api/v1/subject-requests"


class Clock:
    """The log's clock, put forward by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> str:
        moment = datetime.fromisoformat(utc_now()) + self.ahead
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(tmp_path: Path, database_url: str, clock: Clock) -> Iterator[Office]:
    made = make_office(tmp_path, database_url, now=clock)
    yield made
    made.close()


def asking(subject: str, kind: str = "access", **more: Any) -> dict[str, Any]:
    return {"subject": subject, "kind": kind, "asker": "yang_bersangkutan", "channel": "datang", **more}


def asked(who: Asking, subject: str, kind: str = "access", **more: Any) -> str:
    return str(who.done(AT, asking(subject, kind, **more))["id"])


def confirmed(dpo: Asking, subject: str, kind: str = "access", **more: Any) -> str:
    request = asked(dpo, subject, kind, **more)
    dpo.done(f"{AT}/{request}/identity-confirmation", {"how": "ktp"})
    return request


def test_a_request_is_recorded_by_whoever_is_asked_and_answered_by_the_officer(here: Office) -> None:
    dpo, worker = Asking(here, "dpo"), Asking(here, "tksk")
    subject = person(here)
    request = asked(worker, subject, "erasure", requester="Ibu Hadija, 0812", details="Hapus semua")
    assert worker.get(f"{AT}/{request}").status_code == 403
    assert worker.get(AT).status_code == 403
    assert worker.refused(f"{AT}/{request}/identity-confirmation", {"how": "ktp"}) == "not_allowed"
    assert dpo.refused(f"{AT}/{request}/grant") == "requester_not_confirmed"
    dpo.done(f"{AT}/{request}/identity-confirmation", {"how": "ktp", "note": "KTP cocok"})
    shown = dpo.data(f"{AT}/{request}")
    assert (shown["requester"], shown["details"], shown["confirmed_how"]) == ("Ibu Hadija, 0812", "Hapus semua", "ktp")
    stored = " ".join(row[0] for row in here.database.rows("SELECT text FROM events"))
    assert "Hadija" not in stored
    proposal = new_id()
    dpo.done(f"{AT}/{request}/grant", {"destruction": proposal})
    assert dpo.data(f"{AT}/{request}")["destruction"] == proposal
    dpo.done(f"{AT}/{request}/fulfilment", {})
    dpo.done(f"{AT}/{request}/closure", {"outcome": "selesai"})
    assert [row["state"] for row in dpo.data(AT, subject=subject)] == ["ditutup"]


@pytest.mark.parametrize("role", ["pengurus_wksbm", "kades", "kepala_dinas", "mitra", "auditor", "admin"])
def test_others_neither_record_nor_read_requests(here: Office, role: str) -> None:
    who = Asking(here, role)
    assert who.refused(AT, asking(person(here))) == "not_allowed"
    assert who.get(AT).status_code == 403


def test_a_refusal_stands_on_an_article_that_holds_for_the_right(here: Office) -> None:
    dpo, subject = Asking(here, "dpo"), person(here)
    no = {"ground": "penyelenggaraan_negara", "reason": "Diperlukan untuk pelayanan"}
    for kind in ("access", "correction"):
        request = confirmed(dpo, subject, kind)
        answer = dpo.post(f"{AT}/{request}/refusal", no)
        assert (answer.status_code, answer.get_json()["rule"]) == (409, "ground_not_for_this_right")
        assert "pasal 15 ayat (1)" in answer.get_json()["detail"].lower()
    for kind in ("erasure", "restriction", "withdrawal", "portability"):
        request = confirmed(dpo, subject, kind)
        dpo.done(f"{AT}/{request}/refusal", no)
        shown = dpo.data(f"{AT}/{request}")
        assert (shown["article"], shown["reason"]) == ("15 ayat (1) huruf c", "Diperlukan untuk pelayanan")


def test_the_clock_runs_from_the_recording_and_is_judged_at_the_moment_asked_for(here: Office, clock: Clock) -> None:
    dpo, subject = Asking(here, "dpo"), person(here)
    late, paused, other = asked(dpo, subject), asked(dpo, subject, on="2026-01-01"), asked(dpo, subject, "erasure")
    row = dpo.data(f"{AT}/{late}")
    hours = datetime.fromisoformat(row["due_at"]) - datetime.fromisoformat(row["opened_at"])
    assert (hours, row["overdue"]) == (timedelta(hours=72), False)
    clock.ahead = timedelta(hours=71)
    dpo.done(f"{AT}/{paused}/pause", {"reason": "bukti_identitas"})
    assert dpo.refused(f"{AT}/{paused}/pause", {"reason": "bukti_identitas"}) == "request_clock_paused"
    assert dpo.data(AT, overdue="true") == []
    before = here.reader.head()[0]
    clock.ahead = timedelta(hours=100)
    assert [one["id"] for one in dpo.data(AT, overdue="true")] == [late]
    assert dpo.data(AT, overdue="true", as_of=before) == []
    assert {one["id"] for one in dpo.data(AT, overdue="false")} == {paused, other}
    dpo.done(f"{AT}/{paused}/resumption", {})
    assert not dpo.data(f"{AT}/{paused}")["overdue"], "one hour is left, as when it was paused"
    clock.ahead = timedelta(hours=102)
    assert {one["id"] for one in dpo.data(AT, overdue="true")} == {late, paused}
    dpo.done(f"{AT}/{late}/refusal", {"ground": "bukan_subjek", "reason": "Bukan orangnya"})
    answered = dpo.data(f"{AT}/{late}")
    assert (answered["overdue"], answered["late"]) == (False, True)
    pages = dpo.get(AT, limit=2).get_json()
    rest = dpo.data(AT, limit=2, cursor=pages["next_cursor"])
    assert [one["id"] for one in [*pages["data"], *rest]] == [other, paused, late]


def test_an_heir_asks_for_somebody_who_died(here: Office) -> None:
    dpo, worker = Asking(here, "dpo"), Asking(here, "tksk")
    subject = person(here)
    assert dpo.refused(AT, asking(subject, asker="ahli_waris")) == "heir_only_after_death"
    worker.done(f"/api/v1/beneficiaries/{subject}/death", {})
    assert dpo.refused(AT, asking(subject)) == "heir_only_after_death"
    asked(dpo, subject, asker="ahli_waris")


def test_granting_a_withdrawal_withdraws_and_granting_a_restriction_restricts_every_record_of_the_person(
    here: Office,
) -> None:
    dpo, worker, partner = Asking(here, "dpo"), Asking(here, "tksk"), Asking(here, "mitra")
    case = opened(here, worker)
    subject, twin = of_case(worker, case), person(here)
    worker.done(f"/api/v1/beneficiaries/{twin}/duplicate-links", {"primary": subject, "reason": "Orang yang sama"})
    consent = agreed(worker, subject)
    referral = sent(worker, case, consent=consent, destination_id=partner.account)
    request = confirmed(dpo, subject, "withdrawal")
    answer = dpo.done(f"{AT}/{request}/grant", {"giver": "yang_bersangkutan", "how": "tanda_tangan"})
    assert [one["topic"] for one in answer["events"]] == ["subject_request.granted", "beneficiary.consent_withdrawn"]
    assert partner.data(f"/api/v1/referrals/{referral}")["shown_state"] == "persetujuan_ditarik"
    assert dpo.data(f"{AT}/{request}")["done_at"]
    freeze = confirmed(dpo, twin, "restriction")
    answer = dpo.done(f"{AT}/{freeze}/grant", {})
    assert [one["topic"] for one in answer["events"]] == [
        "subject_request.granted",
        "beneficiary.processing_restricted",
        "beneficiary.processing_restricted",
    ]
    for id in (subject, twin):
        assert worker.get(f"/api/v1/beneficiaries/{id}").status_code == 404
        assert dpo.data(f"/api/v1/beneficiaries/{id}")["restricted"]


def a_life(here: Office) -> tuple[str, Asking]:
    """Somebody with a case, a referral, a consent, a paper and others who are named beside her."""
    worker = Asking(here, "peksos")
    identity = {
        "name": "Rahma Pakaya",
        "nik": "7501024101800001",
        "mother": "Hadija Lihawa",
        "birth_date": "1980-01-01",
    }
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": identity}
    subject = worker.done("/api/v1/beneficiaries", body)["id"]
    story = {"story": "Rumahnya terbakar", "reporter": "Yusuf Mohamad", "beneficiary": subject}
    case = worker.done("/api/v1/cases", {**story, "channel": "surat", "urgency": "segera", "on": "2026-03-02"})["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account, "on": "2026-03-02"})
    typed = {"type": "anak_korban_kekerasan", "override_reason": "Sejak kecil", "criteria": "Visum"}
    worker.done(f"/api/v1/beneficiaries/{subject}/classifications", typed)
    paper = {"kind": "surat_desa", "number": "12/2026"}
    consent = agreed(worker, subject, recipient_kind="uptd_ppa", on="2026-03-02", how="lisan_saksi", witness="Saksi Uji",
                     evidence=[paper])  # fmt: skip
    strict = sending(destination_kind="uptd_ppa", destination="UPTD PPA Kabupaten", consent=consent)
    referral = sent(worker, case, **{**strict, "on": "2026-03-02"})
    worker.done(f"/api/v1/referrals/{referral}/acceptance", {**HEARD, "informant": "Ibu Kepala Dinas"})
    return subject, worker


def test_whoever_asks_is_given_everything_in_one_call_with_others_masked(here: Office) -> None:
    dpo = Asking(here, "dpo")
    subject, worker = a_life(here)
    request = asked(dpo, subject, on="2026-03-02")
    assert dpo.get(f"{AT}/{request}/report").get_json()["rule"] == "requester_not_confirmed"
    dpo.done(f"{AT}/{request}/identity-confirmation", {"how": "ktp"})
    assert worker.get(f"{AT}/{request}/report").status_code == 403
    found = dpo.data(f"{AT}/{request}/report")
    document, text = found["document"], found["text"]
    whole = json.dumps(document, ensure_ascii=False) + text
    for hers in (
        "Rahma Pakaya",
        "7501024101800001",
        "Rumahnya terbakar",
        "UPTD PPA Kabupaten",
        "anak_korban_kekerasan",
    ):
        assert hers in whole, hers
    for others in ("Hadija", "Lihawa", "Mohamad", "Saksi Uji", "Kepala Dinas"):
        assert others not in whole, others
    assert "Pelapor: Y. M." in text
    assert "Ibu (disamarkan): H. L." in text
    assert document["schema"] == "wahana-subject-report/1"
    assert {one["topic"] for one in document["history"]} >= {
        "beneficiary.registered",
        "beneficiary.consent_given",
        "case.opened",
        "referral.accepted",
    }
    assert [len(document[name]) for name in ("records", "cases", "referrals", "consents", "types")] == [1] * 5
    assert document["consents"][0]["recipient_kind"] == "uptd_ppa"
    assert [file["number"] for file in document["files"]] == ["12/2026"]
    assert [(one["by"], one["name"]) for one in document["processed_by"]] == [(worker.account, "peksos")]
    assert sum(one["events"] for one in document["processed_by"]) == len(document["history"])
    assert found["counts"] == {"entries": len(document["history"]), "files": 1}
    canonical = msgspec.json.encode(document, order="sorted") + b"\n"
    assert found["sha256"] == hashlib.sha256(canonical).hexdigest()
    dpo.done(f"{AT}/{request}/grant", {})
    assert dpo.refused(f"{AT}/{request}/fulfilment", {"entries": 3}) == "nothing_handed_over"
    handed = {"sha256": found["sha256"], **found["counts"]}
    dpo.done(f"{AT}/{request}/fulfilment", handed)
    shown = dpo.data(f"{AT}/{request}")
    assert (shown["sha256"], shown["entries"], shown["files"], shown["state"]) == (
        found["sha256"],
        len(document["history"]),
        1,
        "dipenuhi",
    )


@pytest.mark.parametrize("kind", ["correction", "erasure", "restriction", "withdrawal"])
def test_a_report_is_made_for_access_and_portability_alone(here: Office, kind: str) -> None:
    dpo = Asking(here, "dpo")
    request = confirmed(dpo, person(here), kind)
    assert dpo.get(f"{AT}/{request}/report").get_json()["rule"] == "not_a_request_for_data"
    assert dpo.get(f"{AT}/{new_id()}/report").status_code == 404


def test_the_same_report_comes_from_the_command_line(tmp_path: Path) -> None:
    here = make_office(tmp_path)
    dpo = Asking(here, "dpo")
    subject, _ = a_life(here)
    request = confirmed(dpo, subject, "portability")
    found = dpo.data(f"{AT}/{request}/report")

    def wahana(*arguments: str) -> Any:
        return CliRunner().invoke(main, ["subject", "report", *arguments], env=settings_of(tmp_path))

    text, document = wahana(request), wahana(request, "--json")
    assert (text.exit_code, document.exit_code) == (0, 0)
    # Each of them is itself a reading of hers, which the next one tells.
    readings = "SIAPA YANG MEMBUKA DATA ANDA"
    at, then = (f"posisi {found['document']['position'] + more}." for more in (0, 1))
    assert text.stdout.partition(readings)[0] == found["text"].partition(readings)[0].replace(at, then)
    again = json.loads(document.stdout)
    own = ("position", "read_by")
    assert {**again, **dict.fromkeys(own)} == {**found["document"], **dict.fromkeys(own)}
    assert [one["resource"] for one in again["read_by"]][-2:] == [
        "GET /api/v1/subject-requests/<stream>/report",
        "wahana subject report",
    ]
    assert document.stdout.encode() == msgspec.json.encode(again, order="sorted") + b"\n"
    unknown = wahana(new_id())
    assert unknown.exit_code == 1
    assert "not_found" in unknown.stderr
    here.close()


def test_what_stands_in_a_relative_s_record_stays_closed(here: Office) -> None:
    dpo, worker = Asking(here, "dpo"), Asking(here, "tksk")
    body = {"village": VILLAGE, "kind": "family", "channel": "desa", "identity": {"head": "Kepala Uji"}}
    family = worker.done("/api/v1/beneficiaries", body)["id"]
    member = person(here)
    worker.done(f"/api/v1/beneficiaries/{member}/family-memberships", {"family": family, "relation": "anak"})
    worker.done(f"/api/v1/beneficiaries/{member}/family-departures", {"family": family, "note": "Rahasia anaknya"})
    found = dpo.data(f"{AT}/{confirmed(dpo, family)}/report")
    assert any(one["topic"] == "beneficiary.family_left" for one in found["document"]["history"])
    assert "Rahasia anaknya" not in json.dumps(found)
    assert "Kepala Uji" not in json.dumps(found)
