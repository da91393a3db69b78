"""One thing has one name on every page."""

from __future__ import annotations

from service.office import Office
from service.web import cases, words
from tests.service.offices import VILLAGE, Asking, application
from tests.service.test_api_cases import opened
from tests.service.web_pages import page, registered


def test_a_stage_of_a_case_is_called_the_same_wherever_it_stands(office: Office) -> None:
    with application(office).test_request_context():
        for stage in ("asesmen", "rencana", "intervensi", "monev", "terminasi"):
            assert words.title(stage) == words.word(stage) == str(cases.STAGE_WORDS[stage])


def test_how_urgent_a_case_is_has_one_name_in_its_form_on_its_page_and_in_its_history(office: Office) -> None:
    worker = Asking(office, "peksos")
    case = opened(office, worker)
    whose = worker.data(f"/api/v1/cases/{case}")["beneficiary"]
    told = " ".join(page(worker, f"/{path}") for path in (f"kasus/{case}", f"warga/{whose}"))
    assert "kegentingan segera" in told.lower()
    assert "kedaruratan" not in told
    assert "Kegentingan" in page(worker, "/catat/case.open", beneficiary=registered(worker))


def test_a_page_is_named_as_it_is_called(office: Office) -> None:
    supervisor = Asking(office, "admin")
    told = page(supervisor, f"/pengelolaan/akun/{supervisor.account}")
    assert 'di halaman "Bekerja tanpa sinyal"' in told
    assert "<h1>Bekerja tanpa sinyal</h1>" in page(Asking(office, "psm"), "/luring")


def test_the_counts_of_the_board_stand_behind_what_they_count(office: Office) -> None:
    told = page(Asking(office, "psm", (VILLAGE,)), "/desa")
    assert '<p class="counts"><span>Desa/kelurahan: <a class="why"' in told
    assert "desa/kelurahan:" not in told


def test_a_label_inside_a_sentence_keeps_the_capitals_of_names() -> None:
    told = [words.inside(label) for label in ("SLRT / Puskesos", "WhatsApp / pesan singkat", "Datang langsung", "")]
    assert told == ["SLRT / Puskesos", "WhatsApp / pesan singkat", "datang langsung", ""]


def test_the_summary_of_a_case_keeps_them_too(office: Office) -> None:
    worker = Asking(office, "peksos")
    told = page(worker, f"/kasus/{opened(office, worker, channel='slrt_puskesos')}/ringkasan")
    assert "SLRT / Puskesos" in told
    assert "slrt / puskesos" not in told
