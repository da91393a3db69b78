"""The empty forms that a device takes along are made once for all who have the same."""

import re
from typing import Any

import pytest

from service.api.commands import COMMANDS
from service.office import Office
from service.web import offline
from service.web.field_forms import FIELD
from tests.service.offices import VILLAGE, Asking
from tests.service.web_pages import page

#: What is recorded at the desk only: docs/decisions/0039-on-what-was-made-offline.md says why.
DESK_NOUNS = {"account", "destruction", "emergency", "indicator", "record", "retention", "territory"}
DESK = {
    "beneficiary": "hold_document lift_hold lift_restriction link_as_duplicate place_hold release_document"
    " restrict_processing reverse_link",
    "case": "approve_assessment approve_closure approve_plan return_assessment return_closure return_plan settle_risk",
    "subject_request": "close confirm_identity fulfil grant pause refuse resume",
    "wksbm": "conduct_coaching_day dissolve hold_socialization_day leave_kps provide_evidence register_at_office",
}


def test_every_command_is_taken_along_or_is_one_of_the_desk() -> None:
    desk = {f"{noun}.{name}" for noun, names in DESK.items() for name in names.split()}
    desk |= {command for command in COMMANDS if command.partition(".")[0] in DESK_NOUNS}
    field = [command for commands in FIELD.values() for command in commands]
    assert len(field) == len(set(field))
    assert set(COMMANDS) - desk == set(field), "a new command has to be put on one side"
    assert not desk & set(field)


def forms_of(asking: Asking, **cookies: str) -> bytes:
    for name, value in cookies.items():
        asking.client.set_cookie(name.replace("_", "-"), value)
    [address] = re.findall(r'src="(/luring/isian.js[^"]*)"', page(asking, "/luring"))
    answer = asking.client.get(address, headers={"Authorization": f"Bearer {asking.token}"})
    assert "immutable" in answer.headers["Cache-Control"], "the address names this very content"
    return answer.data


def test_whoever_may_do_the_same_gets_the_same_forms_made_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    rendered = offline.render_template

    def noted(template: str, **values: Any) -> str:
        made.append(template)
        return rendered(template, **values)

    monkeypatch.setattr(offline, "render_template", noted)
    offline._forms.cache_clear()
    here, elsewhere = Asking(office, "psm", (VILLAGE,)), Asking(office, "psm", ("75.01.22.2011",))
    ours = forms_of(here)
    assert forms_of(elsewhere) == ours == forms_of(here)
    assert made.count("offline_forms.html") == 1
    offline._forms.cache_clear()
    assert forms_of(elsewhere) == ours, "nothing in them is of whoever asked first"
    assert VILLAGE not in ours.decode()


def test_who_may_do_other_things_or_reads_another_language_gets_other_forms(office: Office) -> None:
    offline._forms.cache_clear()
    volunteer, worker = Asking(office, "psm", (VILLAGE,)), Asking(office, "peksos")
    blank = b'data-id=\\"report.submit\\"'
    assert blank in forms_of(volunteer)
    assert blank not in forms_of(worker)
    assert forms_of(volunteer) != forms_of(volunteer, wahana_bahasa="en")
