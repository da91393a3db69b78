"""The date control is never lost: not where nothing was recorded yet, and not by any form that asks for something else."""

import re

import pytest

from service.log.ids import new_id
from service.office import Office
from tests.service.offices import Asking, person
from tests.service.test_api_cases import opened as opened_case
from tests.service.web_office import opened, page, told

BEFORE = "2019-08-01"


def test_where_nothing_was_recorded_yet_the_control_stays_and_leads_back_to_today(office: Office) -> None:
    supervisor = Asking(office, "supervisor")
    someone, case = person(office), opened_case(office, Asking(office, "peksos"))
    for path in (f"/warga/{someone}", f"/kasus/{case}"):
        answer = opened(supervisor, path, per=BEFORE)
        html = answer.get_data(as_text=True)
        assert answer.status_code == 404
        assert "Pada 1 Agustus 2019 catatan ini belum ada" in told(html)
        assert f'name="per" max="{office.today()}" value="{BEFORE}"' in html
        assert f'href="{path}">Lihat keadaan hari ini' in html
        assert f'href="/?per={BEFORE}">Ke halaman awal' in html
        nobody = opened(supervisor, path.rpartition("/")[0] + f"/{new_id()}", per=BEFORE).get_data(as_text=True)
        assert "Pada 1 Agustus 2019 catatan ini belum ada" in told(nobody), "nor does it tell whether there is one"
    assert opened(supervisor, "/tidak-ada", per="kemarin").status_code == 404


@pytest.mark.parametrize(
    ("asked", "name"), [({"per": "kemarin"}, "Keadaan per"), ({"posisi": 10**6}, "Posisi catatan")]
)
def test_a_moment_that_cannot_be_is_named_as_on_the_page(office: Office, asked: dict[str, str], name: str) -> None:
    answer = opened(Asking(office, "supervisor"), "/desa", **asked)
    assert answer.status_code == 422
    assert re.findall(r"<li>([^:<]+): ", answer.get_data(as_text=True).partition("<main")[2]) == [name]


@pytest.mark.parametrize(
    "asked",
    [{"posisi": 10**6}, *({"per": one} for one in ("2026-02-30", "31/02/2026", "1/1/0001", "0001-01-02"))],
)
def test_from_a_moment_that_cannot_be_the_control_and_a_button_lead_on(office: Office, asked: dict[str, str]) -> None:
    html = opened(Asking(office, "supervisor"), "/desa", tahap="sah", **asked).get_data(as_text=True)
    assert f'name="per" max="{office.today()}" value="{office.today()}"' in html
    assert '<input type="hidden" name="tahap" value="sah">' in html
    assert 'href="/desa?tahap=sah">Lihat keadaan hari ini' in html
    assert '<li><a href="/kasus"' in html, "nor do other links carry it on"


@pytest.mark.parametrize("written", ["01/08/2019", "1-8-2019", "2019-08-01"])
def test_a_day_may_be_written_as_it_is_in_indonesia(office: Office, written: str) -> None:
    html = page(Asking(office, "supervisor"), "/desa", per=written)
    assert "Seperti diketahui pada 1 Agustus 2019" in html
    assert f'value="{BEFORE}"' in html


def test_a_day_to_come_is_told_to_be_unknown(office: Office) -> None:
    supervisor = Asking(office, "supervisor")
    ahead = "Keadaan pada 1 Januari 2099 belum diketahui; yang tampak keadaan hari ini."
    assert ahead in page(supervisor, "/desa", per="2099-01-01")
    assert "belum diketahui; yang tampak" not in page(supervisor, "/desa", per=office.today().isoformat())


def test_the_first_page_says_of_which_day_its_figures_are(office: Office) -> None:
    supervisor = Asking(office, "supervisor")
    for asked, heading in ({}, "Hari ini"), ({"per": BEFORE}, "Pada 1 Agustus 2019"), ({"posisi": 1}, "Saat itu"):
        assert re.findall("<h2>([^<]+)", page(supervisor, "/", **asked))[0] == heading


@pytest.mark.parametrize("role", ["supervisor", "auditor", "admin", "dpo"])
def test_every_form_that_asks_for_something_keeps_the_day(office: Office, role: str) -> None:
    who, looked_at = Asking(office, role), 0
    first = page(who, "/", per=BEFORE)
    menu = re.findall(r'<li><a href="([^"?]+)', first.split('class="menu"')[1].split("</ul>")[0])
    for path in (*menu, "/jejak/contoh", "/jejak/pembacaan"):
        answer = opened(who, path, per=BEFORE)
        html = answer.get_data(as_text=True).partition("<main")[2] if answer.status_code == 200 else ""
        forms = [one for one in re.findall(r"<form.*?</form>", html, re.DOTALL) if 'method="get"' in one]
        for form in forms:
            assert f'name="per" value="{BEFORE}"' in form or 'action="/api/' in form, (path, form)
            looked_at += 1
    assert looked_at
