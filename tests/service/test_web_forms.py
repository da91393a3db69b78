"""The forms in which things are recorded, as whoever has to fill one in on a small phone meets them."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

from service.office import Office
from tests.service.offices import Asking, person
from tests.service.web_office import page, told

Client = Callable[[str], Asking]
NAMED = re.compile(r'<(?:input|textarea|select) (?![^>]*type="hidden")[^>]*name="([^"]+)"')


def fields_of(html: str) -> list[str]:
    """The names of the fields that somebody fills in, in their order."""
    return list(dict.fromkeys(NAMED.findall(html)))


def blank_of(who: Asking, command: str) -> str:
    """The empty form of a command as a device takes it along."""
    [address] = re.findall(r'src="(/luring/isian.js[^"]*)"', page(who, "/luring"))
    return blanks(page(who, unescape(address)))[command]


def blanks(script: str) -> dict[str, str]:
    """The forms in the script that puts them into the page of a device."""
    lines, order = (json_of(script, name) for name in ("const lines = ", "const html = "))
    found, following = [], iter(lines)
    for at in order:
        found.append(next(following) if at < 0 else lines[at])
    forms = "".join(found).split('<template class="blank"')[1:]
    return {re.findall(r'data-id="([^"]+)"', one)[0]: one for one in forms}


def json_of(script: str, name: str) -> list[Any]:
    found: list[Any] = json.JSONDecoder().raw_decode(script.partition(name)[2])[0]
    return found


def test_what_decides_comes_before_the_day_which_says_that_it_may_stay_empty(office: Office, client: Client) -> None:
    who = client("tksk")
    online = page(who, f"/catat/case.open?beneficiary={person(office)}")
    for form in (online, blank_of(who, "case.open")):
        asked = fields_of(form)
        assert asked.index("channel") < asked.index("urgency") < asked.index("on") < asked.index("evidence.0.kind")
        assert 'name="on" type="date" value="" data-kind="day"  aria-describedby="f-on-hint"' in form
        assert '<small id="f-on-hint">Kosongkan bila hari ini.</small>' in form
    assert fields_of(page(who, "/catat/beneficiary.register"))[0] == "village"


def test_the_day_is_called_by_what_happened_on_it(office: Office, client: Client) -> None:
    who, someone = client("tksk"), person(office)
    assert "Tanggal meninggal" in told(page(who, f"/catat/beneficiary.die?stream={someone}"))
    assert "Tanggal kejadian" in told(page(who, f"/catat/case.open?beneficiary={someone}"))
