"""Whatever form is sent after its session has ended: its sender signs in where she stands, and what she typed is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.log.ids import new_id
from service.office import Office
from service.web import letters, public
from tests.service.offices import PASSWORD, VILLAGE, Asking, application, person
from tests.service.test_api_cases import opened
from tests.service.test_api_incidents import flood
from tests.service.test_web_corrections import shown
from tests.service.test_web_drafts import filled
from tests.service.test_web_supervision import handed
from tests.service.web_office import page
from tests.service.web_pages import registered

Typed = dict[str, Any]
HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
#: Forms that carry nothing, because nothing is typed into them, or nothing that may lie in a page: by an address that they
#: are sent to, the page on which their sender stands afterwards.
NOTHING_TYPED = {
    "/kotak-keluar/berkas": ("/kotak-keluar/berkas", "a file"),
    "/pengelolaan/akun/<id>/keluarkan": ("/pengelolaan/akun/{id}", "a button"),
    "/pengelolaan/akun/<id>/pemulihan/<reset>": ("/pengelolaan/akun/{id}", "two buttons"),
}
#: The same of one's own account, of which only the form of a token is typed into.
OWN_STEPS = {
    "kata-sandi": {"kata_sandi": "rahasia-lama", "baru": "rahasia-baru"},
    "pasang": {"kata_sandi": "rahasia-lama"},
    "kode": {"uri": "otpauth://totp/x?secret=RAHASIA", "kode": "123456"},
    "lepas": {"kata_sandi": "rahasia-lama"},
    "kode-baru": {"kata_sandi": "rahasia-lama"},
    "keluarkan": {"sesi": new_id()},
    "cabut": {"token": new_id()},
    "cabut-perangkat": {"perangkat": new_id()},
}


def form_on(html: str) -> str:
    """The form of a page that knows whose page it is on, as a page of its own."""
    [form] = [one for one in re.findall(r"<form.*?</form>", html, re.DOTALL) if 'name="untuk"' in one]
    return f"<main>{form}</main>"


def search(_office: Office, _who: Asking) -> tuple[str, str, Typed]:
    typed = {"name": "Siti Djafar", "nik": "000003", "birth_year": "1960", "village": VILLAGE}
    return "/warga?satuan=person", "/warga?satuan=person", typed


def wording(_office: Office, _who: Asking) -> tuple[str, str, Typed]:
    return "/jenis-ppks", "/jenis-ppks", {"istilah": "gepeng & <jompo>"}


def token(_office: Office, _who: Asking) -> tuple[str, str, Typed]:
    return "/akun", "/akun/token", {"sebutan": "Laporan 'bulanan'", "hari": "31"}


def handing_over(office: Office, who: Asking) -> tuple[str, str, Typed]:
    worker, other = Asking(office, "tksk"), Asking(office, "tksk")
    first, *_others = (opened(office, worker) for _ in range(3))
    at = f"/pengawasan/alih?dari={worker.account}"
    [ticket] = [one for one in handed(page(who, at)) if one.startswith(first)]
    return at, "/pengawasan/alih", {"ke": other.account, "kasus": ticket}


def any_command(_office: Office, who: Asking) -> tuple[str, str, Typed]:
    at = "/catat/beneficiary.register"
    return at, at, filled(page(who, at))


def of_a_case(office: Office, who: Asking) -> tuple[str, str, Typed]:
    at = f"/kasus/{opened(office, who)}/isi/tugas"
    return at, at, filled(page(who, at))


def a_correction(_office: Office, who: Asking) -> tuple[str, str, Typed]:
    at = f"/koreksi/{registered(who)}/1"
    return at, at, {"nilai.identity.name": "Siti Jafar", "reason": "Salah dengar"}


def of_victims(_office: Office, who: Asking) -> tuple[str, str, Typed]:
    at = f"/bencana/{flood(who)}/korban"
    return at, at, filled(page(who, at))


#: By rule, who fills it in; and of a form: the page it is on, where it is sent, and what is typed.
TYPED: dict[str, tuple[str, Callable[[Office, Asking], tuple[str, str, Typed]]]] = {
    "/warga": ("psm", search),
    "/jenis-ppks": ("psm", wording),
    "/akun/<step>": ("psm", token),
    "/pengawasan/alih": ("supervisor", handing_over),
    "/catat/<command>": ("psm", any_command),
    "/kasus/<id>/isi/<form>": ("tksk", of_a_case),
    "/koreksi/<id>/<int:target>": ("tksk", a_correction),
    "/bencana/<id>/korban": ("tksk", of_victims),
}


def sent_by_a_stranger(browser: FlaskClient, to: str, typed: Typed) -> tuple[str, str]:
    """What was carried, and where its sender goes from the door that she finds; nothing of what she typed is legible."""
    answer = browser.post(to, data=typed, headers=HTML)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 401, html
    assert 'name="password"' in html
    for value in typed.values():
        assert len(str(value)) < 5 or str(value) not in unescape(html)
    carried = re.search(r'name="simpanan" value="([^"]+)"', html)
    [onward] = re.findall(r'name="lanjut" value="([^"]+)"', html)
    return carried[1] if carried else "", unescape(onward)


def entered(browser: FlaskClient, who: Asking, onward: str, carried: str) -> Any:
    login = {"login": who.login, "password": PASSWORD, "lanjut": onward, "simpanan": carried}
    return browser.post("/masuk", data={**login, "code": who.code() if who.secret else ""}, headers=HTML)


def test_every_form_of_a_page_is_looked_at(office: Office) -> None:
    rules = {
        one.rule
        for one in application(office).url_map.iter_rules()
        if "POST" in (one.methods or ()) and one.endpoint.startswith("pages.")
        if one.endpoint not in letters.OPEN | public.OPEN
    }
    assert rules == set(TYPED) | set(NOTHING_TYPED)


@pytest.mark.parametrize("rule", TYPED)
def test_what_was_typed_comes_back_after_the_sign_in(office: Office, rule: str) -> None:
    role, prepared = TYPED[rule]
    signed = Asking(office, role)
    who = signed.person()
    at, to, typed = prepared(office, who)
    html = form_on(page(who, at))
    browser = application(office).test_client()
    carried, onward = sent_by_a_stranger(browser, to, {**shown(html), **typed})
    assert carried
    head = office.reader.head()
    door = entered(browser, signed, onward, carried).get_data(as_text=True)
    assert "Isian Anda masih ada" in door
    place = re.findall(r'<form method="post" action="([^"]+)">\s*<input type="hidden" name="pulih"', door)
    assert [unescape(one) for one in place] == [to]
    fields = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', door, re.DOTALL)
    again: Typed = {"pulih": "ya"}
    for name, value in fields:
        again.setdefault(unescape(name), []).append(unescape(value))  # type: ignore[union-attr]
    answer = browser.post(to, data=again, headers=HTML)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200, html
    assert "Yang Anda ketik sudah dikembalikan" in html
    kept = {name: values[0].replace("\r\n", "\n") for name, values in shown(form_on(html)).items()}
    assert {name: kept.get(name) for name in typed} == typed
    assert office.reader.head() == head, "shown again, nothing recorded"


@pytest.mark.parametrize("rule", NOTHING_TYPED)
def test_where_nothing_was_typed_the_door_leads_back_to_the_page(office: Office, rule: str) -> None:
    admin = Asking(office, "admin")
    places = {"id": Asking(office, "psm").account, "reset": new_id()}
    to = re.sub(r"<(\w+)>", lambda found: places[found[1]], rule)
    carried, onward = sent_by_a_stranger(application(office).test_client(), to, {"apa": "setujui"})
    assert (carried, onward) == ("", NOTHING_TYPED[rule][0].format(**places))
    page(admin, onward)


@pytest.mark.parametrize("step", OWN_STEPS)
def test_no_password_and_no_code_is_carried(office: Office, step: str) -> None:
    signed = Asking(office, "psm")
    who = signed.person()
    browser = application(office).test_client()
    assert sent_by_a_stranger(browser, f"/akun/{step}", OWN_STEPS[step]) == ("", "/akun")
    answer = entered(browser, signed, "/akun", "")
    assert (answer.status_code, answer.location) == (303, "/akun")
    forms = re.findall(r"<form.*?</form>", page(who, "/akun"), re.DOTALL)
    assert not [one for one in forms if 'type="password"' in one and 'name="untuk"' in one]


def test_cases_that_were_ticked_are_handed_over_only_when_the_form_is_sent_once_more(office: Office) -> None:
    supervisor = Asking(office, "supervisor")
    at, to, typed = handing_over(office, supervisor)
    form = {**shown(form_on(page(supervisor, at))), **typed, "apa": "pilihan"}
    case = typed["kasus"].split()[0]
    headers = {**HTML, "Authorization": f"Bearer {supervisor.token}"}
    supervisor.client.post(to, data={**form, "pulih": "ya"}, headers=headers)
    assert supervisor.data(f"/api/v1/cases/{case}")["worker"] != typed["ke"]
    supervisor.client.post(to, data=form, headers=headers)
    assert supervisor.data(f"/api/v1/cases/{case}")["worker"] == typed["ke"]


def test_a_search_that_was_brought_back_finds_when_it_is_asked_for(office: Office, client: Any) -> None:
    psm = client("psm")
    person(office)
    html = psm.client.post(
        "/warga",
        data={"name": "Warga Uji", "pulih": "ya"},
        headers={**HTML, "Authorization": f"Bearer {psm.token}"},
    ).get_data(as_text=True)
    assert "Hasil pencarian" not in html
    assert 'value="Warga Uji"' in html


def test_whoever_leaves_after_her_session_has_ended_has_left(office: Office) -> None:
    visitor = application(office).test_client()
    answer = visitor.post("/keluar", headers=HTML)
    assert (answer.status_code, answer.location) == (303, "/masuk")
    psm = Asking(office, "psm").person()
    cookie = psm.sign_in().headers["Set-Cookie"].partition(";")[0]
    for strange in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://lain.example"}):
        sent = {"Accept": "text/html", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", **strange}
        answer = application(office).test_client(use_cookies=False).post("/keluar", headers=sent)
        assert answer.status_code == 403, "nobody is sent away from somebody else's page"
        assert "Set-Cookie" not in answer.headers
    silent = application(office).test_client(use_cookies=False).post("/keluar", headers={"Cookie": cookie})
    assert silent.status_code == 403, "an old browser that sends no body says less"
    headers = {"Accept": "text/html", "Cookie": cookie}
    answer = application(office).test_client(use_cookies=False).get("/warga", headers=headers)
    assert answer.status_code == 200
