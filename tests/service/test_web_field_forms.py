"""The empty forms that a device takes along are made once for all who have the same."""

import re
from typing import Any

import pytest

from service.office import Office
from service.web import offline
from tests.service.offices import VILLAGE, Asking
from tests.service.web_pages import page


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
