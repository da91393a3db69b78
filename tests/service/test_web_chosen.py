"""People, cases, bodies and officers are chosen by name: no form asks anybody to type the number of a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import marshmallow as ma
import pytest

from service.api.commands import COMMANDS
from service.log.ids import new_id
from service.office import Office
from service.web.places import OWN_FORMS
from tests.service.offices import ROLES, VILLAGE, Asking, person
from tests.service.test_api_cases import assessed, goal
from tests.service.test_api_cases import opened as opened_case
from tests.service.web_office import filled, opened, page, sent, told

Client = Callable[[str], Asking]
TYPED = re.compile(r'<(?:input|textarea) (?![^>]*type="(?:hidden|checkbox|file)")[^>]*name="([^"]+)"')


def numbers_of(schema: ma.Schema, prefix: str = "") -> Iterator[str]:
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, ma.fields.List) else field
        if isinstance(inner, ma.fields.Nested):
            yield from numbers_of(inner.schema, f"{prefix}{name}.")
        elif inner.metadata.get("format") == "uuid":
            yield prefix + name


@pytest.mark.parametrize("role", [*(role for role in ROLES if role != "auditor"), "dpo", "mitra"])
def test_no_form_asks_for_the_number_of_a_record(office: Office, role: str) -> None:
    who, case = Asking(office, role), opened_case(office, Asking(office, "peksos"))
    asked, seen = [], 0
    for command, route in COMMANDS.items():
        stream = case if command in OWN_FORMS else new_id()
        places = dict.fromkeys(("task", "visit", "kps", "classification", "ends", "hold", "access"), new_id())
        answer = opened(who, f"/catat/{command}", stream=stream, number="1", target="1", **places)
        if answer.status_code == 303:
            answer = opened(who, answer.location)
        if answer.status_code != 200:
            continue
        seen += 1
        typed = {re.sub(r"\.\d+", "", name) for name in TYPED.findall(answer.get_data(as_text=True))}
        asked += [(command, name) for name in typed & set(numbers_of(route.schema))]
    assert not asked
    assert seen > 5


def test_a_transfer_is_asked_for_to_an_officer_by_name(office: Office) -> None:
    mine, other = Asking(office, "peksos"), Asking(office, "tksk", (VILLAGE,))
    case = opened_case(office, mine)
    link = re.findall(r'href="([^"]*case.request_transfer[^"]*)"', page(mine, f"/kasus/{case}"))[0]
    form = opened(mine, opened(mine, link.replace("&amp;", "&")).location).get_data(as_text=True)
    assert f'<option value="{other.account}">' in form
    assert f'value="{mine.account}"' not in form, "she has it already"
    at = f"/kasus/{case}/isi/minta-alih"
    assert sent(mine, at, kunci=new_id(), worker=other.account, reason="Pindah tugas").status_code == 303
    assert "diminta dialihkan" in told(page(mine, f"/kasus/{case}"))
    assert "UUID" not in sent(mine, at, kunci=new_id(), worker="Rini").get_data(as_text=True)


def test_the_data_officer_chooses_among_those_she_looks_after(office: Office) -> None:
    dpo = Asking(office, "dpo")
    form = page(dpo, "/catat/subject_request.open")
    assert "petugas yang melayaninya mencatat ini" in form, "a form that cannot be sent is not shown"
    assert "Cari catatannya" not in form, "she would find nobody there"
    assert "Cari catatannya" in page(Asking(office, "psm"), "/catat/subject_request.open")
    someone = person(office)
    dpo.done(f"/api/v1/beneficiaries/{someone}/processing-restriction", {"ground": "keberatan"})
    person(office)
    form = page(dpo, "/catat/subject_request.open")
    assert re.findall(r'<option value="([0-9a-f-]{36})">([^<]*)', form) == [(someone, "Warga Uji")]
    asks = {"subject": someone, "kind": "access", "asker": "yang_bersangkutan", "channel": "surat"}
    assert filled(dpo, "/catat/subject_request.open", **asks).status_code == 303


def test_a_day_for_many_names_the_bodies_of_every_village(office: Office) -> None:
    supervisor = Asking(office, "supervisor")
    here = supervisor.done("/api/v1/wksbm", {"village": VILLAGE, "name": "Huyula"})["id"]
    there = supervisor.done("/api/v1/wksbm", {"village": "75.01.02.2014", "name": "Dulohupa"})["id"]
    form = page(supervisor, "/catat/wksbm.conduct_coaching_day")
    ticked = re.findall(r'type="checkbox" name="wksbm" value="([^"]+)"[^>]*> ([^<]*)', form)
    assert {id: name.partition(": ")[2].strip() for id, name in ticked} == {here: "Huyula", there: "Dulohupa"}


def test_a_goal_that_was_reached_is_ticked(office: Office) -> None:
    worker, supervisor = Asking(office, "peksos"), Asking(office, "supervisor")
    case, aim = assessed(office, worker), new_id()
    at = f"/api/v1/cases/{case}"
    again = goal(
        worker.account, title="Makan setiap hari", due="2026-05-01"
    )  # as plans have them: of one title, on two days
    worker.done(f"{at}/plans", {"goals": [goal(worker.account, id=aim, title="Makan setiap hari"), again]})
    assert "Makan setiap hari" not in page(worker, f"/catat/case.review_progress?stream={case}")
    supervisor.done(f"{at}/assessment-approval")
    supervisor.done(f"{at}/plans/1/approval")
    form = page(worker, f"/catat/case.review_progress?stream={case}")
    asked = (
        rf'type="checkbox" name="goals_reached" value="{aim}"[^>]*> Makan setiap hari[^<]*\(paling lambat 1 Apr 2026\)'
    )
    assert re.search(asked, form)
    assert "(paling lambat 1 Mei 2026)" in form
    link = f"/catat/case.review_progress?stream={case}"
    assert filled(worker, link, progress="membaik", goals_reached=aim).status_code == 303
    assert worker.data(at)["plans"][0]["goals"][0]["reached_on"]


def test_a_form_says_whom_or_what_it_is_about(office: Office) -> None:
    worker, supervisor = Asking(office, "peksos"), Asking(office, "supervisor")
    case = opened_case(office, worker)
    body = supervisor.done("/api/v1/wksbm", {"village": VILLAGE, "name": "Huyula"})["id"]
    for form in (
        f"/catat/case.terminate?stream={case}",
        f"/kasus/{case}/isi/kunjungan",
        f"/catat/referral.submit?stream={case}",
    ):
        assert "Kasus: Warga Uji" in told(page(worker, form))
    assert " Huyula , " in told(page(supervisor, f"/catat/wksbm.hold_deliberation?stream={body}").partition("<h1>")[2])
    hers = f"/catat/case.open?beneficiary={person(office)}"
    assert "Warga: Warga Uji" in told(page(Asking(office, "psm"), hers))
