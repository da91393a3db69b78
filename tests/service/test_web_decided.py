"""What a form of four eyes shows of what was proposed, before somebody says yes or no to it."""

from datetime import date

from domain.instruments import in_force
from service.office import Office
from tests.service.offices import Asking
from tests.service.test_api_cases import assessed, goal
from tests.service.test_web_cases import shown


def test_whoever_decides_reads_on_the_form_what_it_is_that_she_decides_on(office: Office) -> None:
    worker, supervisor = Asking(office, "tksk"), Asking(office, "supervisor")
    case = assessed(office, worker)
    at = f"/api/v1/cases/{case}"
    form = shown(supervisor, f"/catat/case.approve_assessment?stream={case}")
    assert "nilai 75 dari 100, risiko" in form
    first = in_force("umum", date(2026, 3, 2)).questions[0].text
    assert f"{first} 3 dari 4" in form, "the answers in words"
    supervisor.done(f"{at}/assessment-approval", {})
    worker.done(f"{at}/plans", {"goals": [goal(worker.account)]})
    form = shown(supervisor, f"/catat/case.approve_plan?stream={case}&number=1")
    assert "Makan tiga kali" in form
    assert "paling lambat 1 Apr 2026" in form
    ending = {"reason": "pindah_wilayah", "outcome": "sebagian", "note": "Pindah ke Manado"}
    worker.done(f"{at}/closure", ending)
    for command in ("approve_closure", "return_closure"):
        form = shown(supervisor, f"/catat/case.{command}?stream={case}")
        assert "Pengakhiran kasus diminta. Alasan: Pindah" in form
        assert "hasil: " in form
        assert "Pindah ke Manado" in form
