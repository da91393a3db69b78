"""The forms in which things are recorded, as whoever has to fill one in on a small phone meets them."""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import marshmallow as ma
import pytest

from service.api.codes import LISTS
from service.api.commands import COMMANDS
from service.log.ids import new_id
from service.office import Office
from service.web import field_forms, forms, labels, territory, words
from service.web.places import OWN_FORMS
from tests.service.offices import VILLAGE, Asking, application, person
from tests.service.test_api_cases import assessed
from tests.service.test_api_cases import opened as opened_case
from tests.service.test_api_wksbm import begun
from tests.service.web_office import page, sent, told

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
        must, may = ["channel", "urgency"], ["village", "anonymous", "story", "reporter"]
        assert asked[: asked.index("evidence.0.kind")] == [*must, "on", *may]
        assert 'name="on" type="date" value="" data-kind="day"  aria-describedby="f-on-hint"' in form
        assert '<small id="f-on-hint">Kosongkan bila hari ini.</small>' in form
    registering = fields_of(page(who, "/catat/beneficiary.register"))
    assert registering.index("identity.name") < registering.index("on") < registering.index("hamlet")


def test_the_day_is_called_by_what_happened_on_it(office: Office, client: Client) -> None:
    who, someone = client("tksk"), person(office)
    assert "Tanggal meninggal" in told(page(who, f"/catat/beneficiary.die?stream={someone}"))
    assert "Tanggal kejadian" in told(page(who, f"/catat/beneficiary.enter_institution?stream={someone}"))
    # Of a case the day on which the office heard, not the one of what happened to her.
    opening = told(page(who, f"/catat/case.open?beneficiary={someone}"))
    assert "Tanggal laporan diterima" in opening
    assert "Kosongkan bila di desa tempat tinggalnya." in opening
    joining = f"/catat/beneficiary.join_family?stream={someone}&family={someone}"
    assert "Tanggal masuk keluarga" in told(page(who, joining))
    case = opened_case(office, who)
    for form, called in (("case.terminate", "Tanggal pengakhiran"), ("case.review_progress", "Tanggal peninjauan")):
        assert called in told(page(who, f"/catat/{form}?stream={case}"))
    for decision in ("approve", "return"):
        form = f"/catat/case.{decision}_assessment?stream={case}"
        assert "Tanggal keputusan" in told(page(client("supervisor"), form))


@pytest.mark.parametrize(
    ("command", "field", "label"),
    [
        ("referral.submit", "channel", "Dikirim lewat"),
        ("referral.accept", "channel", "Diterima lewat"),
        ("case.hold_conference", "minutes", "Notulen"),
        ("case.record_visit", "minutes", "Lamanya (menit)"),
        ("case.record_visit", "met", "Bertemu yang bersangkutan"),
        ("case.review_progress", "goals_reached", "Tujuan yang tercapai"),
        ("case.give_task", "title", "Yang harus dikerjakan"),
        ("case.give_task", "on", "Tanggal tugas diberikan"),
        ("case.plan_visit", "on", "Tanggal disepakati"),
        ("wksbm.ratify", "on", "Tanggal pengesahan"),
        ("case.propose_plan", "goals.0.title", "Tujuan yang hendak dicapai"),
        ("incident.report_figure", "number", "Jumlah"),
        ("beneficiary.move_out", "destination", "Pindah ke"),
        ("referral.forward", "destination", "Nama lembaga tujuan"),
        ("kps.register", "members", "Jumlah anggota"),
        ("wksbm.appoint_board", "members", "Anggota"),
    ],
)
def test_a_label_that_several_commands_share_fits_each_of_them(
    office: Office, command: str, field: str, label: str
) -> None:
    with application(office).test_request_context():
        assert forms.label_of(command, field, field.rpartition(".")[2]) == label


def test_no_field_that_somebody_fills_in_is_called_by_its_code() -> None:
    for command, route in COMMANDS.items():
        for name, field in route.schema.fields.items():
            number = (field.inner if isinstance(field, ma.fields.List) else field).metadata.get("format") == "uuid"
            keys = {name, f"{command}.{name}", f"{command.partition('.')[0]}.{name}"}
            seen = not field.dump_only and name not in labels.UNSHOWN and (not number or name in field_forms.CHOSEN)
            assert not seen or name == "values" or keys & set(labels.LABELS), (command, name)


def test_a_device_takes_one_row_of_each_list_and_makes_more_of_it(office: Office, client: Client) -> None:
    blank = blank_of(client("tksk"), "incident.record_victims")
    assert "victims.0.household" in fields_of(blank)
    assert "evidence.0.number" in fields_of(blank)
    assert not [name for name in fields_of(blank) if ".1." in name]


def test_the_notice_of_a_refused_form_leads_to_each_field_that_is_wrong(office: Office, client: Client) -> None:
    def faults(path: str, **form: str) -> list[tuple[str, str]]:
        answer = sent(client("tksk"), path, **form, kunci=new_id())
        assert answer.status_code == 422
        html = answer.get_data(as_text=True)
        notice = html.partition('<section class="wrong" role="alert">')[2].partition("</section>")[0]
        found = re.findall(r'<li><a href="#(f-[^"]+)">([^<]+)</a>: [^<]+</li>', notice)
        assert all(html.count(f'id="{element}"') == 1 for element, _label in found)
        return found

    register = "/catat/beneficiary.register"
    assert faults(register, channel="desa") == [
        ("f-village", "Desa/kelurahan"),
        ("f-kind", "Jenis"),
        ("f-identity", "Jati diri"),
    ]
    nameless = sent(client("tksk"), register, village=VILLAGE, kind="person", channel="desa", kunci=new_id())
    assert "Isi sedikitnya satu keterangan tentang siapa ini, misalnya nama, NIK" in nameless.get_data(as_text=True)
    years = {"identity.birth_date": "1960-03-07", "identity.birth_year": "1961"}
    assert ("f-identity-birth_year", "Tahun lahir") in faults(register, **years)
    plan = f"/kasus/{assessed(office, client('tksk'))}/isi/rencana"
    rows = {"goals.0.title": "Makan", "goals.0.kind": "L07", "goals.0.due": "2999-01-01", "goals.1.title": "Tidur"}
    assert ("f-goals-1-due", "Tujuan rencana (2): Tenggat") in faults(plan, **rows)
    proof = f"/catat/wksbm.provide_evidence?stream={begun(client('tksk'))}"
    assert ("f-evidence", "Bukti") in faults(proof, on="2026-01-06", step="wksbm.initiated")
    papers = sent(client("tksk"), register, **{"evidence.1.dated": "kemarin"}, kunci=new_id()).get_data(as_text=True)
    assert re.search(r'<details class="paper" open>(?:(?!</details>).)*id="f-evidence-0-dated"', papers, re.DOTALL)


def test_what_no_field_shows_is_told_all_the_same(client: Client) -> None:
    html = sent(client("supervisor"), "/catat/wksbm.initiate", village=VILLAGE, name="Melati", kunci="x")
    assert "<li>Bukan nomor catatan.</li>" in html.get_data(as_text=True)


def test_goals_beyond_the_second_are_folded_until_they_hold_something(office: Office, client: Client) -> None:
    who = client("tksk")
    address = f"/kasus/{assessed(office, who)}/isi/rencana"
    blank = page(who, address)
    folded = re.findall(r'<details class="row"><summary>(.*?)</summary>', blank)
    assert folded == [f"Tujuan rencana lain ({at})" for at in (3, 4, 5)]
    assert blank.index("goals.1.title") < blank.index('<details class="row">') < blank.index("goals.2.title")
    three = {f"goals.{at}.title": f"Tujuan {at}" for at in range(3)}
    refused = sent(who, address, **three, kunci=new_id())
    assert refused.status_code == 422
    typed = refused.get_data(as_text=True)
    assert re.findall(r"lain \((.)\)</summary>", typed) == ["4"]
    assert typed.index('value="Tujuan 2"') < typed.index('<details class="row">') < typed.index("goals.3.title")


def test_only_what_is_told_at_length_gets_a_tall_box(office: Office, client: Client) -> None:
    who = client("tksk")
    opening = page(who, f"/catat/case.open?beneficiary={person(office)}")
    for form in (opening, blank_of(who, "case.open")):
        assert re.search('<textarea [^>]*name="story" rows="5"', form)
        assert re.search('<input [^>]*name="reporter"', form), "who reported it is one line"
    task = blank_of(who, "case.give_task")
    assert re.search('<input [^>]*name="title"', task)
    death = page(who, f"/catat/beneficiary.die?stream={person(office)}")
    assert re.search('<textarea [^>]*name="note" rows="2"', death)
    strange = page(who, "/catat/beneficiary.register")
    assert re.search('<textarea [^>]*name="identity.description"', strange), "2000 letters are no line"


def test_the_office_takes_no_more_than_its_box_is_for(office: Office, client: Client) -> None:
    body = {"village": VILLAGE, "kind": "arisan", "name": "Melati", "contact": "x" * 501}
    assert client("kades").post("/api/v1/kps", body).status_code == 422


def villages_of(html: str, name: str = "village") -> list[str]:
    """The villages that a field of a form offers, of which the chosen one is marked."""
    [choice] = re.findall(f'<select [^>]*name="{name}"[^>]*>(.*?)</select>', html, re.DOTALL)
    return [code + chosen for code, chosen in re.findall(r'<option value="(\d[^"]*)"( selected)?>', choice)]


def test_whoever_serves_one_village_is_offered_it_alone_and_it_is_chosen(office: Office) -> None:
    who = Asking(office, "psm", (VILLAGE,))
    assert villages_of(page(who, "/catat/beneficiary.register")) == [f"{VILLAGE} selected"]
    moving = page(who, f"/catat/beneficiary.move_domicile?stream={person(office)}")
    assert len(villages_of(moving)) > 200, "she may move anywhere"
    declared = page(Asking(office, "kades", (VILLAGE,)), "/catat/incident.declare")
    assert villages_of(declared, "villages") == [VILLAGE], "a list is hers to choose from"


def test_many_villages_are_grouped_by_kecamatan(office: Office) -> None:
    wide = page(Asking(office, "supervisor"), "/catat/incident.declare")
    assert len(villages_of(wide, "villages")) > 200
    assert '<optgroup label="Telaga"><option value="' in wide
    assert wide.count("<optgroup") > 10
    kecamatan = page(Asking(office, "tksk", (VILLAGE[:8],)), "/catat/beneficiary.register")
    assert 1 < len(villages_of(kecamatan)) < 40
    assert "<optgroup" not in kecamatan.partition('name="village"')[2].partition("</select>")[0], "there is but one"


def test_where_somebody_serves_is_chosen_among_what_one_may_record_about(office: Office) -> None:
    def offered(who: Asking, command: str, field: str) -> set[str]:
        form = page(who, f"/catat/{command}?stream={new_id()}")
        [box] = re.findall(rf'<select id="f-{field}".*?</select>', form, re.DOTALL)
        return set(re.findall(r'<option value="([\d.]+)"', box))

    tksk, supervisor = Asking(office, "tksk", (VILLAGE[:8],)), Asking(office, "supervisor")
    assert {code[:8] for code in offered(tksk, "psks.register", "area")} == {VILLAGE[:8]}
    assert {VILLAGE[:5], VILLAGE[:8], VILLAGE, "75.01.22"} < offered(supervisor, "psks.register", "area")
    assert {VILLAGE[:5], "75.01.22"} < offered(tksk, "psks.offer_service", "catchment"), (
        "who is served may live anywhere"
    )


def test_no_form_wants_the_code_of_a_place_that_it_does_not_offer(office: Office, client: Client) -> None:
    """But for the codes of villages that a decree makes, and one that is no place."""
    typed = {"territory.split.villages.0.code", "territory.republish.villages.0.code", "territory.merge.into.code"}
    typed.add("retention.set_class.code")
    takes, seen = re.compile("codes?|areas?|catchment|kecamatan"), set()

    def look(command: str, fields: list[forms.Field]) -> None:
        for one in fields:
            for row in one.inner[:1]:
                look(command, row)
            whole = f"{command}.{one.name}"
            if takes.fullmatch(one.name.rpartition(".")[2]) and not one.inner and whole not in typed:
                assert {option[0] for option in one.options} & {VILLAGE, VILLAGE[:8]}, whole
                seen.add(whole)

    token = client("supervisor").token
    with application(office).test_request_context(headers={"Authorization": f"Bearer {token}"}) as here:
        here.app.preprocess_request()
        for command, route in COMMANDS.items():
            look(command, forms.fields_of(command, route.schema, {}))
    assert len(seen) > 6


def choices(fields: list[forms.Field]) -> Iterator[tuple[str, set[str]]]:
    """The fields that offer codes, each with how it tells them."""
    for one in fields:
        for row in one.inner[:1]:
            yield from choices(row)
        if one.options:
            yield one.name, {str(option[1]) for option in one.options}


def test_whatever_a_form_offers_is_told_in_the_words_of_one_list(office: Office, client: Client) -> None:
    """A code without words is shown as it is written, often in English; words of another list say something else."""
    told = [{label for version in one.versions for label in version.codes.values()} for one in LISTS.values()]
    told += [{*forms.MEANINGS.values()}, {str(label) for label in words.TIERS.values()}]
    wrong, seen = [], 0
    headers = {"Authorization": f"Bearer {client('supervisor').token}"}
    with application(office).test_request_context(headers=headers) as here:
        here.app.preprocess_request()
        told.append({option[1] for option in (*territory.wider(), *territory.kecamatan())})
        for command, route in COMMANDS.items():
            if command not in OWN_FORMS:
                found = list(choices(forms.fields_of(command, route.schema, {})))
                seen += len(found)
                wrong += [
                    (command, name, offered) for name, offered in found if not any(offered <= one for one in told)
                ]
    assert wrong == []
    assert seen > 100


@pytest.mark.parametrize(
    ("command", "field", "offered"),
    [
        ("account.ask_reset", "means", ["Kata sandi", "Faktor kedua"]),
        ("territory.merge", "into.kind", ["Desa", "Kelurahan"]),
        ("territory.split", "villages.0.kind", ["Desa", "Kelurahan"]),
        ("territory.republish", "villages.0.kind", ["Desa", "Kelurahan"]),
    ],
)
def test_what_is_chosen_has_its_own_words(client: Client, command: str, field: str, offered: list[str]) -> None:
    admin = client("admin")
    form = page(admin, f"/catat/{command}?stream={client('psm').account}")
    [box] = re.findall(rf'<select [^>]*name="{field}".*?</select>', form, re.DOTALL)
    assert re.findall(r"<option[^>]*>([^<]*)", box)[1:] == offered
