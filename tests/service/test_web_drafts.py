"""Every form of every command is shown again with all that was typed, and what is sealed for one opens for nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import quote

from service.api.commands import COMMANDS
from service.app import build
from service.log.ids import new_id
from service.office import Office
from service.web import drafts
from tests.service.offices import VILLAGE, Asking, Clock, make_office
from tests.service.test_schemathesis import somebody_of_every_role
from tests.service.test_web_corrections import shown
from tests.service.web_office import opened, page, told
from tests.service.web_pages import registered, sent

Client = Callable[[str], Asking]
TEXT = 'Baris "satu" & <dua>\nbaris dua'
OWN = (
    "record.correct",
    "case.assess",
    "case.propose_plan",
    "case.hold_conference",
    "case.give_task",
    "case.plan_visit",
)
OWN += ("case.assign", "case.transfer")


def filled(html: str) -> dict[str, Any]:
    """Every field of a form with something in it, and a day that is refused."""
    form = html[html.index("<main") : html.index("</main>")]
    found = {name: values[0] for name, values in shown(html).items()}
    for name in re.findall(r'<textarea[^>]* name="([^"]+)"', form):
        found[name] = TEXT
    for tag in re.findall(r"<input[^>]*>", form):
        named = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        name, kind = named.get("name", ""), named.get("type", "text")
        if kind == "text":
            found[name] = "12" if 'inputmode="numeric"' in tag else TEXT.replace("\n", " ")
        elif kind == "date":
            found[name] = "2099-01-01"
        elif kind == "checkbox":
            found[name] = named["value"]
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        codes = [unescape(code) for code in re.findall(r'<option value="([^"]+)"', options)]
        found[name] = codes[-1] if codes else ""
    return found


def address_of(command: str, rule: str) -> str:
    places = {name: new_id() for name in re.findall(r"<(?:\w+:)?(\w+)>", rule)}
    places |= {name: VILLAGE for name in places if name in ("village", "code")}
    return f"/catat/{command}?" + "&".join(f"{name}={quote(value)}" for name, value in places.items())


def test_whatever_form_is_refused_it_comes_back_as_it_was_typed(office: Office) -> None:
    who = somebody_of_every_role(office)
    rules = {str(one.endpoint).rpartition(".")[2]: one.rule for one in who.client.application.url_map.iter_rules()}
    looked_at = 0
    for command in sorted(set(COMMANDS) - set(OWN)):
        address = address_of(command, rules[command.replace(".", "_")])
        if opened(who, address).status_code == 303:
            continue  # to a form of its own
        typed = filled(page(who, address))
        answer = sent(who, address, typed)
        html = answer.get_data(as_text=True)
        assert answer.status_code in (403, 404, 409, 412, 422), (command, answer.status_code, told(html)[:300])
        kept = {name: values[0].replace("\r\n", "\n") for name, values in shown(html).items()}
        lost = {name: (value, kept.get(name)) for name, value in typed.items() if kept.get(name) != value}
        assert not lost, (command, lost)
        looked_at += len(typed)
    assert looked_at > 600


def test_a_control_character_that_a_paste_brought_costs_nothing(office: Office, client: Client) -> None:
    typed = filled(page(client("psm"), "/catat/beneficiary.register"))
    answer = sent(client("psm"), "/catat/beneficiary.register", {**typed, "identity.name": "Siti\x0b\x00 Djafar"})
    assert shown(answer.get_data(as_text=True))["identity.name"] == ["Siti Djafar"]


def test_what_was_typed_is_sealed_for_one_account_and_for_a_while(office: Office, client: Client) -> None:
    psm, other = client("psm"), Asking(office, "psm")
    app = build(office.config, office)
    typed = {**filled(page(psm, "/catat/beneficiary.register")), "identity.name": "Canary Hulopi"}

    def carried(fields: dict[str, Any]) -> str:
        answer = app.test_client().post(
            "/catat/beneficiary.register?village=x", data=fields, headers={"Accept": "text/html"}
        )
        assert answer.status_code == 401
        html = answer.get_data(as_text=True)
        assert "Canary" not in html
        found = re.search(r'name="simpanan" value="([^"]+)"', html)
        return found[1] if found else ""

    text = carried(typed)
    assert text
    with app.test_request_context("/"):
        draft = drafts.opened(text, psm.account)
        assert draft is not None
        assert draft.place == "/catat/beneficiary.register?village=x"
        assert dict(draft.fields)["identity.name"] == "Canary Hulopi"
        assert "untuk" not in dict(draft.fields)
        assert drafts.opened(text, other.account) is None
        assert drafts.opened(text, "") is None
        for spoilt in ("", "x", text[:-9], text[:40] + "AAAA" + text[44:], "é" * 50):
            assert drafts.opened(spoilt, psm.account) is None
    assert carried({**typed, "untuk": ""}) == "", "of a form that was on nobody's page nothing is kept"
    assert carried({**typed, "reason_to_go_on": "x" * drafts.LARGEST}) == "", "nor of one that is no form of ours"


def test_what_is_carried_through_the_sign_in_is_forgotten_after_half_a_day(tmp_path: Any) -> None:
    clock = Clock()
    here = make_office(tmp_path, now=clock)
    psm, app = Asking(here, "psm"), build(here.config, here)
    with app.test_request_context("/catat/kps.register", method="POST"):
        mark = drafts.mark(psm.account)
    with app.test_request_context("/catat/kps.register", method="POST", data={"untuk": mark, "name": "Mawar"}):
        text = drafts.sealed()
        clock.wait(hours=11)
        assert drafts.opened(text, psm.account)
        clock.wait(hours=2)
        assert drafts.opened(text, psm.account) is None
    here.close()


def test_a_form_that_is_sent_again_to_be_shown_records_nothing(office: Office, client: Client) -> None:
    psm = client("psm")
    she = registered(psm)
    head = office.reader.head()
    typed = shown(page(psm, f"/koreksi/{she}/1"))
    answer = sent(psm, f"/koreksi/{she}/1", {**typed, "nilai.identity.name": "Lain", "pulih": "ya"})
    assert answer.status_code == 200
    assert shown(answer.get_data(as_text=True))["nilai.identity.name"] == ["Lain"]
    assert office.reader.head() == head
