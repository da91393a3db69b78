"""What a form of four eyes shows of what was proposed, before somebody says yes or no to it."""

from datetime import date
from html import unescape
from typing import Any

import pytest

from domain.aggregate import Event
from domain.instruments import in_force
from service.log.eventlog import EventLog
from service.office import Office
from tests.service.offices import Asking
from tests.service.test_api_cases import GRAVE, assessed, goal, opened
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


def test_the_form_reads_the_log_of_its_case_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, supervisor = Asking(office, "tksk"), Asking(office, "supervisor")
    case = assessed(office, worker)
    history, read = EventLog.history, []

    def counted(log: EventLog, stream: str, **more: Any) -> list[Event]:
        read.append(stream)
        return history(log, stream, **more)

    monkeypatch.setattr(EventLog, "history", counted)
    assert "nilai 75 dari 100" in shown(supervisor, f"/catat/case.approve_assessment?stream={case}")
    assert read.count(case) == 1


def test_a_form_tells_nothing_of_what_whoever_decides_may_not_read(office: Office) -> None:
    worker, cleared = Asking(office, "peksos"), Asking(office, "supervisor")
    uncleared = Asking(office, "supervisor", clearances=())
    case = opened(office, worker, tier=3)
    at = f"/api/v1/cases/{case}"
    worker.done(f"{at}/assessments", {"instrument": "umum", "details": GRAVE, "on": "2026-03-02"})
    worker.done(f"{at}/plans", {"goals": [goal(worker.account)]})
    worker.done(f"{at}/closure", {"reason": "pindah_wilayah", "outcome": "sebagian", "note": "Pindah ke Manado"})
    secrets = ("75 dari 100", "3 dari 4", "Makan tiga kali", "Pindah ke Manado", "Alasan: Pindah")
    told = ""
    for command in ("approve_assessment&", "approve_plan&number=1", "approve_closure&"):
        name, more = command.split("&")
        form = f"/catat/case.{name}?stream={case}&{more}"
        told += shown(cleared, form)
        answer = uncleared.client.get(
            form, headers={"Authorization": f"Bearer {uncleared.token}", "Accept": "text/html"}
        )
        said = unescape(answer.get_data(as_text=True))
        assert not [secret for secret in secrets if secret in said], (command, answer.status_code)
    assert [secret for secret in secrets if secret not in told] == []
