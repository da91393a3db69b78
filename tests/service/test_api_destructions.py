"""Retention, holds and destructions over HTTP, and the command that carries them out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from domain.beneficiary import Beneficiary
from service.cli import main
from service.destroying import Destroyer
from service.office import Office
from tests.service import destroyers
from tests.service.destroyed import decided, lived, name_of, settings
from tests.service.offices import VILLAGE, Asking, application, person, record, restrict
from tests.service.web_office import opened

LETTER = {"evidence": [{"kind": "surat", "number": "12/PN/2025"}]}


here = destroyers.here_on_sqlite


def command(here: Office, tmp_path: Path, *words: str) -> Result:
    return CliRunner().invoke(main, words, env=settings(tmp_path, ""))


def proposed(who: Asking, *people: str) -> str:
    return str(who.done("/api/v1/destructions", {"subjects": list(people), "note": "Masa simpan berakhir"})["id"])


def test_a_destruction_from_the_dry_run_to_the_certificate(here: Office, tmp_path: Path) -> None:
    one, other = lived(here, [1, 2])
    supervisor, head, dpo, auditor = (Asking(here, role) for role in ("supervisor", "kepala_dinas", "dpo", "auditor"))
    rows = supervisor.data("/api/v1/retention/due", due="true")
    assert {row["id"] for row in rows} == {one, other}
    assert {(row["code"], row["began"], row["ends"]) for row in rows} == {("463.1", "2015-03-03", "2020-03-03")}
    stream = proposed(supervisor, one)
    at = f"/api/v1/destructions/{stream}"
    assert supervisor.refused(f"{at}/approvals") == "proposer_cannot_approve"
    head.done(f"{at}/approvals", {"note": "Setuju"})
    assert head.refused(f"{at}/approvals") == "approved_by_same_already"
    assert head.refused(f"{at}/minutes", {"berita_acara": "1", "dated": "2026-01-05"}) == "two_approvals_needed"
    dpo.done(f"{at}/approvals")
    assert command(here, tmp_path, "destroy", stream).exit_code == 1, "no minutes yet"
    head.done(f"{at}/minutes", {"berita_acara": "045/BA/2026", "dated": "2026-01-05"})
    assert auditor.get(f"{at}/certificate").status_code == 409
    assert name_of(1) in supervisor.get(f"/api/v1/beneficiaries/{one}").get_data(as_text=True)
    before = here.reader.head()[0]
    done = command(here, tmp_path, "destroy", stream)
    assert done.exit_code == 0, done.output
    assert auditor.get(f"{at}/certificate", as_of=before).status_code == 409
    assert "SURAT KETERANGAN PEMUSNAHAN DATA" in done.stdout
    row = auditor.data(at)
    assert (row["state"], row["approvals"], row["berita_acara"]) == ("selesai", 2, "045/BA/2026")
    assert [(one["subject"], one["keys"]) for one in row["subjects"]] == [(one, 2)]
    assert auditor.data(f"{at}/certificate")["text"] in done.stdout
    shown = supervisor.data(f"/api/v1/beneficiaries/{one}")
    assert (shown["person"], shown["destroyed_on"]) == ("[dimusnahkan]", here.today().isoformat())
    assert "dimusnahkan" in supervisor.get(f"/api/v1/beneficiaries/{one}/history").get_data(as_text=True)
    assert [row["id"] for row in supervisor.data("/api/v1/retention/due")] == [other]
    assert {row["id"] for row in supervisor.data("/api/v1/retention/due", as_of=before)} == {one, other}
    assert supervisor.refused("/api/v1/destructions", {"subjects": [one]}) == "subject_destroyed"
    again = command(here, tmp_path, "destroy", stream, "--json")
    assert json.loads(again.stdout)[0]["totals"]["people"] == 1


def test_who_decides_about_a_destruction_learns_no_number_of_somebody_who_does_not_exist_for_her(
    here: Office, tmp_path: Path
) -> None:
    """The list stays whole: how many, their periods and what was removed of each."""
    one, child = lived(here, [1, 2])

    record(here, lambda decision: restrict(decision, decision.load(Beneficiary, child)))
    supervisor, head, dpo, auditor = (Asking(here, role) for role in ("supervisor", "kepala_dinas", "dpo", "auditor"))
    stream = proposed(supervisor, one, child)
    at = f"/api/v1/destructions/{stream}"
    for who in (head, dpo):
        who.done(f"{at}/approvals")
    dpo.done(f"{at}/minutes", {"berita_acara": "045/BA/2026", "dated": "2026-01-05"})
    done = command(here, tmp_path, "destroy", stream)
    assert (done.exit_code, child in done.stdout) == (0, True), done.output
    page = f"/pelindungan/pemusnahan/{stream}"
    for who, known in ((supervisor, True), (dpo, True), (head, False), (auditor, False)):
        rows = who.data(at)["subjects"]
        assert {row["subject"] for row in rows} == {one, child if known else "[dibatasi]"}
        assert all(row["began"] and row["keys"] for row in rows)
        told = who.data(f"{at}/certificate")
        assert (told["totals"]["people"], sum(one["keys"] for one in told["people"])) == (2, 5)
        for text in (who.get(at).text, who.get(f"{at}/certificate").text, opened(who, page).text):
            assert (child in text, one in text) == (known, True)


def test_a_hold_is_placed_with_a_paper_and_prevents(here: Office) -> None:
    (one,) = lived(here, [1])
    supervisor = Asking(here, "supervisor")
    at = f"/api/v1/beneficiaries/{one}/holds"
    assert supervisor.refused(at, {"reason": "Perkara"}) == "hold_needs_paper"
    hold = "0191f0aa-0000-7000-8000-00000000abcd"
    supervisor.done(at, {"hold": hold, "reason": "Perkara", **LETTER})
    assert supervisor.refused("/api/v1/destructions", {"subjects": [one]}) == "under_legal_hold"
    (row,) = supervisor.data("/api/v1/retention/due", limit=3000)
    assert supervisor.get("/api/v1/retention/due", limit=3001).status_code == 422
    assert (row["due"], row["prevents"]) == (False, ["ditahan"])
    assert "holds" not in Asking(here, "kades", (VILLAGE[:8],)).data(f"/api/v1/beneficiaries/{one}")
    supervisor.done(f"{at}/{hold}/lifting", {"reason": "Putusan tetap", **LETTER})
    proposed(supervisor, one)


def test_a_refused_proposal_goes_no_further(here: Office, tmp_path: Path) -> None:
    (one,) = lived(here, [1])
    stream = proposed(Asking(here, "dpo"), one)
    head = Asking(here, "kepala_dinas")
    head.done(f"/api/v1/destructions/{stream}/refusal", {"reason": "Masih dipakai"})
    assert head.refused(f"/api/v1/destructions/{stream}/approvals") == "destruction_not_pending"
    refused = command(here, tmp_path, "destroy", stream)
    assert (refused.exit_code, "destruction_not_pending" in refused.stderr) == (1, True)


def test_the_schedule_is_set_by_those_who_answer_for_it(here: Office) -> None:
    setting: dict[str, Any] = {
        "code": "463.1",
        "label": "Berkas perorangan",
        "kinds": ["person"],
        "trigger": "kematian",
        "years": 10,
        "fate": "tinjau",
        "basis": "JRA 2026",
    }
    assert Asking(here, "supervisor").refused("/api/v1/retention/classes", setting) == "not_allowed"
    Asking(here, "kepala_dinas").done("/api/v1/retention/classes", setting)
    versions = Asking(here, "auditor").data("/api/v1/retention/classes")
    assert [(one["number"], one["years"], one["kinds"]) for one in versions] == [
        (2, 10, ["person"]),
        (1, 5, ["person"]),
    ]


def test_the_dry_run_of_the_command_line_counts_what_prevents_others(here: Office, tmp_path: Path) -> None:
    due = lived(here, [1, 2])
    person(here)  # registered in 2026: inside the period
    told = command(here, tmp_path, "retention", "due", "--json")
    assert told.exit_code == 0, told.output
    data = json.loads(told.stdout)
    assert sorted(row["id"] for row in data["people"]) == sorted(due)
    assert (data["not_due"], data["prevented_by"]) == (1, {"dalam_masa_simpan": 1})
    everybody = command(here, tmp_path, "retention", "due", "--all")
    assert len(everybody.stdout.splitlines()) == 4


def test_a_destruction_that_stopped_before_it_began_is_named_by_the_doctor(here: Office, tmp_path: Path) -> None:
    (one,) = lived(here, [1])
    stream = decided(here, [one])

    def dies(step: str) -> None:
        raise KeyboardInterrupt

    worker = Destroyer(here, dies)
    with pytest.raises(KeyboardInterrupt):
        worker.carry_out(stream)
    worker.close()
    doctor = command(here, tmp_path, "doctor")
    assert (doctor.exit_code, f"run: wahana destroy {stream}" in doctor.stdout) == (3, True), doctor.output
    assert command(here, tmp_path, "destroy", stream).exit_code == 0
    here.views.catch_up()
    doctor = command(here, tmp_path, "doctor")
    assert (doctor.exit_code, "ok     destruction" in doctor.stdout) == (0, True), doctor.output


def test_an_interrupted_destruction_is_gone_on_with_and_the_doctor_names_it(here: Office, tmp_path: Path) -> None:
    (one,) = lived(here, [1])
    stream = decided(here, [one])

    def dies(step: str) -> None:
        if step == "begun":
            raise KeyboardInterrupt

    worker = Destroyer(here, dies)
    with pytest.raises(KeyboardInterrupt):
        worker.carry_out(stream)
    worker.close()
    here.views.catch_up()
    doctor = command(here, tmp_path, "doctor")
    assert doctor.exit_code == 3
    assert "WRONG  destruction" in doctor.stdout
    assert command(here, tmp_path, "destroy").exit_code == 0
    here.views.catch_up()
    doctor = command(here, tmp_path, "doctor")
    assert (doctor.exit_code, "ok     destruction" in doctor.stdout) == (0, True), doctor.output
    here.shred_list.unlink()  # or cut at the end of a line, which the list itself cannot tell
    doctor = command(here, tmp_path, "doctor")
    assert (doctor.exit_code, "2 destroyed keys missing from it" in doctor.stdout) == (3, True), doctor.output


def test_the_service_answers_nobody_while_the_shred_list_is_damaged(here: Office, tmp_path: Path) -> None:
    supervisor = Asking(here, "supervisor")
    here.shred_list.write_bytes(b"00 {}\n")
    application.cache_clear()
    asked = application(here).test_client()
    headers = {"Authorization": f"Bearer {supervisor.token}"}
    for _ in range(2):
        assert asked.get("/api/v1/beneficiaries", headers=headers).status_code == 503
    assert asked.get("/healthz").status_code == 200
    assert command(here, tmp_path, "doctor").exit_code == 3
    here.shred_list.unlink()
    assert asked.get("/api/v1/beneficiaries", headers=headers).status_code == 200
