"""The pages about cases: whose they are, what is due, and how one case stands."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.log.ids import new_id
from service.office import Office
from tests.service.offices import Asking, person
from tests.service.test_api_cases import DAY, SECRET, assessed, goal, opened, opening

Client = Callable[[str], Asking]


def shown(asking: Asking, path: str, status: int = 200) -> str:
    """The text of a page, its tags taken away."""
    answer = asking.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return text(answer)


def text(answer: TestResponse) -> str:
    whole = answer.get_data(as_text=True).replace("<wbr>", "")
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", whole)))


def links(asking: Asking, path: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'href="([^"]+)"', asking.get(path).get_data(as_text=True))]


def sent(asking: Asking, path: str, form: dict[str, Any]) -> TestResponse:
    return asking.client.post(path, data=form, headers={"Authorization": f"Bearer {asking.token}"})


def test_ones_own_cases_stand_by_what_is_due_the_overdue_first(office: Office, client: Client) -> None:
    worker, other = client("tksk"), client("psm")
    late, later, theirs = opened(office, worker), opened(office, worker, on="2026-02-01"), opened(office, other)
    quiet = opened(office, worker)
    visit = {"visit": new_id(), "planned_for": "2999-01-01", "on": DAY}
    for case in (late, later):
        worker.done(f"/api/v1/cases/{case}/visits", {**visit, "visit": new_id(), "planned_for": "2026-03-09"})
    worker.done(f"/api/v1/cases/{quiet}/closure", {"reason": "menolak", "outcome": "sebagian"})
    page = shown(worker, "/kasus")
    assert "Kasus Anda" in page
    assert "Terlambat" in page
    found = [one.rpartition("/")[2] for one in links(worker, "/kasus") if re.fullmatch(r"/kasus/[0-9a-f-]{36}", one)]
    assert sorted(found) == sorted([late, later])
    assert theirs not in found
    steered = shown(client("supervisor"), "/kasus")
    assert "Kasus per petugas" in steered
    assert "tksk" in steered
    assert "psm" in steered
    one_s = links(client("supervisor"), f"/kasus?petugas={other.account}")
    assert f"/kasus/{theirs}" in one_s
    assert f"/kasus/{late}" not in one_s


def test_filters_narrow_the_cases_and_an_empty_list_says_so(office: Office, client: Client) -> None:
    worker = client("tksk")
    grave, plain = assessed(office, worker), opened(office, worker)
    found = links(worker, "/kasus?risiko=tinggi")
    assert f"/kasus/{grave}" in found
    assert f"/kasus/{plain}" not in found
    assert "Tidak ada kasus seperti itu" in shown(worker, "/kasus?keadaan=tutup")
    nobody = worker.done("/api/v1/cases", opening(person(office)))["id"]
    waiting = links(client("supervisor"), "/kasus?petugas=-")
    assert f"/kasus/{nobody}" in waiting
    assert f"/kasus/{plain}" not in waiting


def test_a_case_shows_its_stages_plans_tasks_and_what_was_recorded(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    at, own, task, visit = f"/api/v1/cases/{case}", {"on": DAY}, new_id(), new_id()
    decision = {"task": task, "title": "Urus KTP", "owner": worker.account, "due": "2026-03-20"}
    worker.done(f"{at}/conferences", {"attendees": 4, "decisions": [decision], "minutes": "Sepakat", **own})
    worker.done(f"{at}/plans", {"goals": [goal(worker.account)], **own})
    worker.done(f"{at}/visits", {"visit": visit, "planned_for": "2026-03-09", "note": "Bawa formulir", **own})
    supervisor.done(f"{at}/assessment-approval", own)
    page = shown(supervisor, f"/kasus/{case}")
    for fact in ("Warga Uji", SECRET, "Urus KTP", "Bawa formulir", "Makan tiga kali", "Menunggu persetujuan"):
        assert fact in page
    assert "Risiko tinggi" in page
    assert "Pembahasan kasus" in page
    offered = links(supervisor, f"/kasus/{case}")
    assert any("/catat/case.approve_plan" in one and "number=1" in one for one in offered)
    assert not any("case.approve_plan" in one for one in links(worker, f"/kasus/{case}"))
    ending = [one for one in links(worker, f"/kasus/{case}") if "/catat/case.finish_task" in one]
    assert [f"task={task}" in one for one in ending] == [True]
    assert sent(worker, ending[0], {"kunci": new_id(), "kembali": f"/kasus/{case}"}).status_code == 303
    assert worker.data(at)["tasks"][0 if worker.data(at)["tasks"][0]["id"] == task else 1]["state"] == "selesai"


def test_whoever_may_not_read_the_texts_sees_that_there_is_a_case_and_no_more(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    page = shown(client("auditor"), f"/kasus/{case}")
    assert SECRET not in page
    assert "Warga Uji" not in page
    assert "tidak dibuka untuk peran Anda" in page
    assert client("kades").get(f"/kasus/{case}").status_code == 403
    assert client("kades").get("/kasus").status_code == 403
    elsewhere = Asking(office, "tksk", ("75.01.03",))
    assert elsewhere.get(f"/kasus/{case}").status_code == 404
    assert SECRET not in shown(elsewhere, "/kasus")


def test_the_past_is_shown_as_it_was_and_offers_nothing_to_record(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    position = office.reader.head()[0]
    worker.done(f"/api/v1/cases/{case}/closure", {"reason": "menolak", "outcome": "sebagian"})
    then, now = shown(worker, f"/kasus/{case}?posisi={position}"), shown(worker, f"/kasus/{case}")
    assert "Menolak / mengundurkan diri" not in then
    assert "Menolak / mengundurkan diri" in now
    assert not any("/catat/" in one for one in links(worker, f"/kasus/{case}?posisi={position}"))
    assert any("/catat/case.reopen" in one for one in links(worker, f"/kasus/{case}"))


def test_a_refusal_stands_above_the_form_with_what_was_typed(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = opened(office, worker)
    reason = "Perlu tahu lebih banyak"
    answer = sent(supervisor, f"/catat/case.return_plan?stream={case}&number=1", {"kunci": new_id(), "reason": reason})
    assert answer.status_code == 409
    assert "Belum tercatat" in text(answer)
    assert reason in text(answer)


@pytest.mark.parametrize("path", ["/kasus?per=bukan-tanggal", "/kasus?desa=salah"])
def test_a_wrong_question_is_answered_by_a_page(client: Client, path: str) -> None:
    asking = client("tksk")
    headers = {"Authorization": f"Bearer {asking.token}", "Accept": "text/html"}
    answer = asking.client.get(path, headers=headers)
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"
    assert "Ke halaman awal" in text(answer)


def asked(page: str) -> list[str]:
    """The names of the fields that a page asks for."""
    return re.findall(r'<(?:select|input|textarea) id="[^"]+" name="([^"]+)"', page)


def test_an_assessment_asks_the_questions_of_the_chosen_instrument(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    chosen = [one for one in links(worker, f"/kasus/{case}/isi/asesmen?kembali=/kasus/{case}") if "alat=umum" in one]
    assert len(chosen) == 1
    page = worker.get(chosen[0]).get_data(as_text=True)
    questions = [name for name in asked(page) if name.startswith("details.")]
    assert "details.pangan" in questions
    assert "0, tidak ada masalah" in page
    half = dict.fromkeys(questions[1:], "3") | {"kunci": new_id(), "narrative": "Rumah bocor"}
    answer = sent(worker, chosen[0], half)
    assert answer.status_code in (409, 422)
    assert "Rumah bocor" in answer.get_data(as_text=True)
    whole = half | {questions[0]: "4", "kembali": f"/kasus/{case}", "kunci": new_id()}
    assert sent(worker, chosen[0], whole).status_code == 303
    head = office.reader.head()[0]
    assert sent(worker, chosen[0], whole).status_code == 303, "sent twice"
    assert office.reader.head()[0] == head
    assert worker.data(f"/api/v1/cases/{case}")["risk"] in ("tinggi", "darurat")
    assert "nilai" in shown(worker, f"/kasus/{case}")


def test_goals_decisions_and_tasks_need_no_numbers_from_whoever_writes_them(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = assessed(office, worker)
    at = f"/api/v1/cases/{case}"
    onward = worker.get(f"/catat/case.propose_plan?stream={case}")
    assert onward.status_code == 303
    page = worker.get(onward.headers["Location"])
    assert "goals.0.title" in asked(page.get_data(as_text=True))
    assert not [name for name in asked(page.get_data(as_text=True)) if name.endswith(".id")]
    goals = {
        "goals.0.title": "Makan tiga kali",
        "goals.0.kind": "L07",
        "goals.0.owner": worker.account,
        "goals.0.due": "2999-01-01",
        "goals.1.owner": worker.account,  # chosen beforehand; the row is empty otherwise
        "kunci": new_id(),
    }
    assert sent(worker, f"/kasus/{case}/isi/rencana", goals).status_code == 303
    assert sent(worker, f"/kasus/{case}/isi/rencana", goals).status_code == 303, "sent twice"
    [plan] = worker.data(at)["plans"]
    assert [one["title"] for one in plan["goals"]] == ["Makan tiga kali"]
    conference = {
        "attendees": "4",
        "decisions.0.title": "Urus KTP",
        "decisions.0.owner": worker.account,
        "decisions.0.due": "2999-01-01",
        "kunci": new_id(),
    }
    assert sent(worker, f"/kasus/{case}/isi/pembahasan", conference).status_code == 303
    task = {"title": "Telepon keluarga", "owner": worker.account, "due": "2999-01-01", "kunci": new_id()}
    assert sent(worker, f"/kasus/{case}/isi/tugas", task).status_code == 303
    visit = {"planned_for": "2999-01-01", "visitor": worker.account, "kunci": new_id()}
    assert sent(worker, f"/kasus/{case}/isi/kunjungan", visit).status_code == 303
    assert {one["title"] for one in worker.data(at)["tasks"]} >= {"Urus KTP", "Telepon keluarga"}
    empty = sent(worker, f"/kasus/{case}/isi/tugas", {"title": "Tanpa tenggat", "owner": worker.account})
    assert empty.status_code == 422
    assert "Tanpa tenggat" in empty.get_data(as_text=True)


def test_whoever_steers_chooses_the_officer_by_name(office: Office, client: Client) -> None:
    worker, other, supervisor = client("tksk"), client("psm"), client("supervisor")
    case = opened(office, worker)
    page = supervisor.get(f"/kasus/{case}/isi/alihkan").get_data(as_text=True)
    assert f'value="{other.account}"' in page
    assert f'value="{supervisor.account}"' not in page
    moved = sent(supervisor, f"/kasus/{case}/isi/alihkan", {"worker": other.account, "kunci": new_id()})
    assert moved.status_code == 303
    assert supervisor.data(f"/api/v1/cases/{case}")["worker"] == other.account
    assert worker.get(f"/kasus/{case}/isi/asesmen").status_code == 404, "no longer hers"
    assert client("auditor").get(f"/kasus/{case}/isi/asesmen").status_code == 403


def test_two_answers_stand_side_by_side_until_a_supervisor_decides(office: Office, client: Client) -> None:
    worker, desk, supervisor = client("psm"), client("peksos"), client("supervisor")
    case = assessed(office, worker)
    at = f"/api/v1/cases/{case}"
    seen = {"If-Match": worker.get(at).headers["ETag"]}
    desk.done(f"{at}/risk", {"risk": "rendah", "reason": "Menurut berkas membaik", "on": "2026-03-04"})
    before = shown(supervisor, f"/kasus/{case}")
    assert "Dua jawaban" not in before
    position = office.reader.head()[0]
    offline = {"source": "offline", "device": "hp-1", "on": "2026-03-03"}
    worker.done(f"{at}/risk", {"risk": "darurat", "reason": "Anak sendirian", **offline}, **seen)
    page = shown(supervisor, f"/kasus/{case}")
    for fact in ("Dua jawaban tentang risiko", "Menurut berkas membaik", "Anak sendirian", "tanpa sinyal"):
        assert fact in page
    assert "kasus ini diperlakukan sebagai darurat" in page
    assert re.search(r"terjadi 3 Maret 2026, dicatat .{5,40} oleh psm", page)
    assert "Dua jawaban" not in shown(supervisor, f"/kasus/{case}?posisi={position}")
    assert "Risiko darurat Dua jawaban" in shown(worker, "/kasus")
    assert "Dua jawaban tentang risiko 1 " in shown(supervisor, "/")
    assert "Alasannya tidak dibuka" in shown(client("auditor"), f"/kasus/{case}")
    for asking in (worker, desk, client("auditor")):
        assert not any("case.settle_risk" in one for one in links(asking, f"/kasus/{case}"))
    [decide] = [one for one in links(supervisor, f"/kasus/{case}") if "/catat/case.settle_risk" in one]
    form = supervisor.get(decide).get_data(as_text=True)
    assert {"risk", "reason"} <= set(asked(form))
    answer = sent(supervisor, decide, {"kunci": new_id(), "risk": "tinggi", "kembali": f"/kasus/{case}"})
    assert answer.status_code == 422, "without a reason"
    form_sent = {"kunci": new_id(), "risk": "tinggi", "reason": "Dilihat bersama", "kembali": f"/kasus/{case}"}
    assert sent(supervisor, decide, form_sent).status_code == 303
    after = shown(supervisor, f"/kasus/{case}")
    assert "diperlakukan sebagai" not in after
    assert "Dua jawaban tentang risiko diputuskan: risiko tinggi. Alasan: Dilihat bersama." in after


def test_a_task_is_changed_by_a_form_that_says_again_only_what_changes(office: Office, client: Client) -> None:
    worker = client("tksk")
    case, task = opened(office, worker), new_id()
    at = f"/api/v1/cases/{case}"
    worker.done(f"{at}/tasks", {"task": task, "title": "Urus KTP", "owner": worker.account, "due": "2999-01-01"})
    [change] = [one for one in links(worker, f"/kasus/{case}") if "/catat/case.change_task" in one]
    own = worker.get(change).headers["Location"]
    form = worker.get(own).get_data(as_text=True)
    assert {"title", "owner", "due"} <= set(asked(form))
    assert 'value="2999-01-01"' in form
    typed = {"title": "Urus KTP", "owner": worker.account, "due": "2999-02-02", "kunci": new_id()}
    assert sent(worker, own, {**typed, "due": "2999-01-01", "kunci": new_id()}).status_code == 409, "nothing changes"
    assert sent(worker, own, {**typed, "kembali": f"/kasus/{case}"}).status_code == 303
    event = office.log.history(case)[-1]
    assert (event.topic, event.due.isoformat(), event.owner, event.title) == (  # type: ignore[attr-defined]
        "case.task_changed",
        "2999-02-02",
        None,
        None,
    )
    assert "Satu tugas diubah: tenggatnya menjadi 2 Februari 2999." in shown(worker, f"/kasus/{case}")
    assert worker.get(f"/kasus/{case}/isi/ubah-tugas?task={new_id()}").status_code == 404


def test_ending_a_case_offers_the_reasons_for_ending_it(office: Office, client: Client) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    page = shown(worker, f"/catat/case.terminate?stream={case}")
    assert "Dirujuk penuh" in page
    assert "Menolak dikunjungi" not in page, "those are of a visit that was not made"
