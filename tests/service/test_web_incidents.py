"""The pages of disasters: what may be recorded there by whom, its victims with what they lack and got, and the form in
which nobody types the number of a record."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from service.office import Office
from service.web import incidents
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_incidents import DRY, INCIDENTS, flood, victim
from tests.service.web_office import filled, opened, page, told

Client = Callable[[str], Asking]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}")


def commands(html: str) -> set[str]:
    """What a page offers to record, its own story left out."""
    return set(re.findall(r'href="/catat/(incident\.[a-z_]+)', html))


def struck(who: Asking, *victims: dict[str, Any], **more: Any) -> str:
    incident = flood(who, **more)
    who.done(f"{INCIDENTS}/{incident}/victims", {"victims": list(victims)})
    return incident


def names(html: str, field: str) -> dict[str, str]:
    """The options of a choice, by what they are called."""
    [listed] = re.findall(rf'<select [^>]*name="{re.escape(field)}".*?</select>', html, re.DOTALL)
    return {unescape(label): value for value, label in re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)', listed)}


def test_who_records_disasters_finds_them_in_the_menu_and_from_the_village(client: Client) -> None:
    for role in ("kades", "tksk", "psm", "peksos", "supervisor"):
        who = client(role)
        assert 'href="/bencana"' in page(who, "/"), role
        assert f'href="/bencana?desa={VILLAGE}"' in page(who, f"/desa/{VILLAGE}"), role
        assert commands(page(who, "/bencana")) == {"incident.declare"}, role
    assert commands(page(client("auditor"), "/bencana")) == set()
    assert opened(client("mitra"), "/bencana").status_code == 403


def test_a_disaster_is_declared_by_choosing_the_villages_and_is_shown_at_once(client: Client) -> None:
    tksk = client("tksk")
    link = f"/catat/incident.declare?villages={VILLAGE}"
    form = page(tksk, link)
    assert re.search(r'<select [^>]*name="villages"[^>]* multiple', form)
    assert f'<option value="{VILLAGE}" selected>' in form
    answer = filled(
        tksk, link, kind="banjir", name="Banjir Limboto", struck_on="2026-01-05", on="2026-01-06", villages=[VILLAGE]
    )
    assert answer.location.startswith("/bencana/")
    shown = told(page(tksk, answer.location))
    assert "Banjir Limboto Banjir" in shown
    assert "Tanggap darurat" in shown
    assert "Belum ada korban" in shown
    assert "Banjir Limboto" in told(page(tksk, "/bencana", desa=VILLAGE))
    assert "Tidak ada bencana" in told(page(tksk, "/bencana", desa=DRY))


def test_everything_that_may_be_recorded_has_a_button_where_one_may_record_it(client: Client) -> None:
    tksk, auditor = client("tksk"), client("auditor")
    incident = struck(tksk, victim(identity={"name": "Karsum Une"}))
    tksk.done(f"{INCIDENTS}/{incident}/figures", {"figure": "mengungsi", "number": 40, "reporter": "BPBD"})
    every = {
        "record_victims",
        "deliver_relief",
        "verify_victim",
        "report_figure",
        "reconcile_figure",
        "extend",
        "close",
    }
    assert commands(page(tksk, f"/bencana/{incident}")) == {f"incident.{name}" for name in every}
    assert commands(page(auditor, f"/bencana/{incident}")) == set()
    elsewhere = flood(client("supervisor"), villages=[DRY])
    assert commands(page(tksk, f"/bencana/{elsewhere}")) == set(), "a disaster of another kecamatan"
    tksk.done(f"{INCIDENTS}/{incident}/closure", {})
    assert "incident.close" not in commands(page(tksk, f"/bencana/{incident}"))


def test_victims_stand_with_what_they_lack_and_got_and_are_named_as_far_as_one_may_see(client: Client) -> None:
    tksk = client("tksk")
    incident = struck(
        tksk, victim(identity={"name": "Karsum Une"}, conditions=["mengungsi", "luka_ringan"], household=3)
    )
    row = tksk.data(f"{INCIDENTS}/{incident}/victims")[0]
    html = page(tksk, f"/bencana/{incident}")
    assert "Karsum Une 3 jiwa Mengungsi, Luka ringan belum dibantu belum Periksa korban" in told(html)
    relief = {"kind": "E1", "goods": "beras", "quantity": 10, "unit": "kg", "recipients": [row["victim"]]}
    given = tksk.done(f"{INCIDENTS}/{incident}/relief", {**relief, "on": "2026-01-07"})["events"][-1]["position"]
    shown = told(page(tksk, f"/bencana/{incident}"))
    assert "1 kali, terakhir 7 Jan 2026" in shown
    assert "Beras" in shown
    before = told(page(tksk, f"/bencana/{incident}", posisi=given - 1))
    assert "belum dibantu" in before
    assert "hanya untuk dibaca" in before
    masked = told(page(client("auditor"), f"/bencana/{incident}"))
    assert "Karsum" not in masked
    assert re.search(r'<a class="why" href="/mengapa/incidents.victims\?incident=', html)
    assert "incidents.victims" not in UUID.sub("", told(html))


def test_relief_can_be_recorded_for_every_victim_however_many(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incidents, "CHOSEN_FROM", 2)
    tksk = client("tksk")
    incident = struck(tksk, *(victim(identity={"name": name}) for name in ("Karsum", "Yusuf", "Salma")))
    form = told(page(tksk, f"/catat/incident.deliver_relief?stream={incident}"))
    assert all(name in form for name in ("Karsum", "Yusuf", "Salma"))


def test_the_form_of_victims_keeps_what_was_typed_beside_one_chosen_whom_one_may_not_read(
    office: Office, client: Client
) -> None:
    tksk, elsewhere = client("tksk"), Asking(office, "tksk", ("75.01.22",))
    known = {"name": "Karsum Une", "birth_year": 1950}
    body = {"village": "75.01.22.2001", "kind": "person", "channel": "desa", "identity": known}
    someone = elsewhere.done("/api/v1/beneficiaries", body)["id"]
    form = f"/bencana/{flood(tksk)}/korban"
    typed = {"victims.0.village": VILLAGE, "victims.0.victim": someone, "victims.1.village": VILLAGE}
    typed |= {"victims.1.identity.name": "Salma Hulopi", "victims.1.kind": "person", "on": "2099-01-01"}
    answer = filled(tksk, form, **typed)
    assert answer.status_code == 422
    kept = answer.get_data(as_text=True)
    assert "Salma Hulopi" in kept
    assert f'<option value="{someone}" selected>nama dilindungi' in kept


def test_relief_and_checks_are_recorded_for_victims_chosen_by_name(client: Client) -> None:
    tksk = client("tksk")
    incident = struck(tksk, victim(identity={"name": "Karsum Une"}), victim(identity={"name": "Yusuf Biya"}))
    relief = page(tksk, f"/catat/incident.deliver_relief?stream={incident}")
    assert UUID.search(told(relief)) is None
    chosen = dict(re.findall(r'name="recipients" value="([^"]+)"[^>]*> ([^<,]+)', relief))
    karsum = next(id for id, name in chosen.items() if name == "Karsum Une")
    answer = filled(
        tksk,
        f"/catat/incident.deliver_relief?stream={incident}",
        kind="E1",
        goods="beras",
        quantity="10",
        unit="kg",
        recipients=[karsum],
    )
    assert answer.location.startswith(f"/bencana/{incident}")
    [link, _other] = re.findall(
        r'href="(/catat/incident.verify_victim[^"]*victim=[^"]*)"', page(tksk, f"/bencana/{incident}")
    )
    assert "Karsum Une" in " ".join(names(page(tksk, unescape(link)), "victim"))
    assert filled(tksk, link, victim=karsum, outcome="benar").status_code == 303
    found = {row["victim"]: row for row in tksk.data(f"{INCIDENTS}/{incident}/victims")}
    assert [found[karsum][name] for name in ("deliveries", "outcome")] == [1, "benar"]


def test_victims_are_typed_by_name_and_whoever_is_registered_is_chosen_from_those_alike(
    client: Client, office: Office
) -> None:
    tksk = client("tksk")
    known = tksk.done(
        "/api/v1/beneficiaries",
        {
            "village": VILLAGE,
            "kind": "person",
            "channel": "desa",
            "identity": {"name": "Karsum Une", "birth_year": 1975},
        },
    )["id"]
    incident = flood(tksk)
    link = f"/catat/incident.record_victims?stream={incident}"
    moved = opened(tksk, link)
    assert (moved.status_code, moved.location) == (303, f"/bencana/{incident}/korban")
    form = page(tksk, moved.location)
    assert 'name="victims.0.victim"' not in form, "nobody types the number of a record"
    assert list(names(form, "victims.0.village").values()) == [VILLAGE], "only where it struck"
    typed = {
        "victims.0.village": VILLAGE,
        "victims.0.conditions": ["mengungsi"],
        "victims.0.identity.name": "Karsum Une",
        "victims.0.identity.birth_year": "1975",
        "victims.1.village": VILLAGE,
        "victims.1.conditions": ["terdampak"],
        "victims.1.identity.name": "Yusuf Biya",
    }
    asked = filled(tksk, moved.location, **typed)
    html = asked.get_data(as_text=True)
    assert asked.status_code == 409
    assert "Pilih orangnya, atau tulis mengapa tetap didaftarkan." in told(html)
    assert 'name="victims.1.victim"' not in html
    [(label, id)] = names(html, "victims.0.victim").items()
    assert (id, label.startswith("Karsum Une, 1975, ")) == (known, True)
    assert 'name="victims.0.reason_to_go_on"' in html
    done = filled(tksk, moved.location, **{**typed, "victims.0.victim": known})
    assert done.location.startswith(f"/bencana/{incident}")
    victims = [row["victim"] for row in tksk.data(f"{INCIDENTS}/{incident}/victims")]
    assert (len(victims), known in victims) == (2, True)


def test_somebody_typed_twice_is_asked_about_but_not_offered_as_registered(client: Client) -> None:
    tksk = client("tksk")
    form = f"/bencana/{flood(tksk)}/korban"
    typed = {
        f"victims.{at}.{name}": value
        for at in (0, 1)
        for name, value in {
            "village": VILLAGE,
            "conditions": ["mengungsi"],
            "identity.name": "Zubaidah Tolinggi",
            "identity.nik": "7501994203770001",
        }.items()
    }
    html = filled(tksk, form, **typed).get_data(as_text=True)
    assert 'name="victims.1.reason_to_go_on"' in html
    assert 'name="victims.1.victim"' not in html
    assert filled(tksk, form, **{**typed, "victims.1.reason_to_go_on": "Saudara kembar"}).status_code == 303


def test_a_victim_that_a_link_brought_is_named_and_needs_no_typing(client: Client, office: Office) -> None:
    tksk, known = client("tksk"), person(office)
    incident = flood(tksk)
    link = f"/bencana/{incident}/korban?victim={known}"
    assert [name.startswith("Warga Uji") for name in names(page(tksk, link), "victims.0.victim")] == [True]
    sent = {"victims.0.victim": known, "victims.0.village": VILLAGE, "victims.0.conditions": ["mengungsi"]}
    assert filled(tksk, link, **sent).status_code == 303
    assert [row["victim"] for row in tksk.data(f"{INCIDENTS}/{incident}/victims")] == [known]
