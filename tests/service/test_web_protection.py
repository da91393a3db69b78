"""The pages of data protection: clocks that run, what comes next, destructions."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from service.office import Office
from tests.service import destroyers
from tests.service.destroyed import lived
from tests.service.offices import Asking, make_office, person
from tests.service.test_api_subject_requests import AT, Clock, asked, confirmed
from tests.service.web_office import filled, opened, page, told


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    made = make_office(tmp_path, now=clock)
    yield made
    made.close()


def test_what_is_most_pressing_stands_first_with_the_time_left(here: Office, clock: Clock) -> None:
    dpo, subject = Asking(here, "dpo"), person(here)
    slow = asked(dpo, subject, "erasure")
    quick = asked(dpo, subject, "access")
    html = page(dpo, "/pelindungan")
    assert html.index(quick) < html.index(slow), "72 hours before 14 days"
    assert "sisa 71 jam" in told(html)
    assert "sisa 13 hari" in told(html)
    clock.ahead = timedelta(hours=80)
    html = page(dpo, "/pelindungan")
    assert html.index(quick) < html.index(slow)
    assert re.search(r"terlambat [89] jam", told(html))
    assert "terlambat" in told(page(dpo, f"/pelindungan/permintaan/{quick}"))


def test_a_request_offers_what_its_state_allows_and_the_form_records_it(here: Office) -> None:
    dpo = Asking(here, "dpo")
    request = asked(dpo, person(here), requester="Ibu Hadija")
    at = f"/pelindungan/permintaan/{request}"
    html = page(dpo, at)
    assert "Ibu Hadija" in html
    assert offered(html) == ["confirm_identity", "refuse", "pause", "close"]
    [link] = re.findall(r'href="(/catat/subject_request.confirm_identity[^"]*)"', html)
    answer = filled(dpo, link, how="ktp")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    html = page(dpo, at)
    assert offered(html) == ["grant", "refuse", "pause", "close"]
    dpo.done(f"{AT}/{request}/grant")
    assert offered(page(dpo, at)) == ["fulfil", "close"]
    assert opened(Asking(here, "supervisor"), at).status_code == 403
    assert "Ibu Hadija" not in page(Asking(here, "auditor"), "/pelindungan")


def test_two_requests_of_one_kind_are_told_apart_in_the_list_and_in_their_forms(here: Office) -> None:
    dpo = Asking(here, "dpo")
    one = asked(dpo, person(here))
    other = asked(dpo, person(here, village="75.01.02.2014"), asker="wali", requester="Ibu Hadija")
    html = told(page(dpo, "/pelindungan"))
    assert f"…{one[-6:]} · Bulila · Yang bersangkutan" in html
    assert f"…{other[-6:]} · Mongolato · Orang tua, wali, atau pengampu" in html
    form = told(page(dpo, f"/catat/subject_request.confirm_identity?stream={other}"))
    assert f"(…{other[-6:]}) , Mongolato" in form
    assert "Ibu Hadija" in form
    dpo.done(f"{AT}/{one}/closure", {"outcome": "dicabut"})
    assert f"(…{one[-6:]}) · Bulila" in told(page(dpo, "/pelindungan"))


def test_the_officer_begins_with_the_requests_that_wait_and_the_nearest_clock(here: Office) -> None:
    dpo, someone = Asking(here, "dpo"), person(here)
    asked(dpo, someone, "erasure")
    quick = asked(dpo, someone, "access")
    home = page(dpo, "/")
    assert f"Akses dan salinan data (…{quick[-6:]}) sisa 71 jam" in told(home)
    assert "Rujukan belum dijawab" not in home, "others answer for those"
    assert "daftarkan warga" not in home
    at = f"/pelindungan/permintaan/{quick}"
    assert f"/warga/{someone}" not in page(dpo, at), "it would be closed to her"
    dpo.done(f"/api/v1/beneficiaries/{someone}/processing-restriction", {"ground": "keberatan"})
    assert f'href="/warga/{someone}"' in page(dpo, at)
    assert opened(dpo, f"/warga/{someone}").status_code == 200


def offered(html: str) -> list[str]:
    return re.findall(r'href="/catat/subject_request\.(\w+)', html)


def test_the_report_is_read_before_it_is_handed_over_and_fills_the_form(here: Office) -> None:
    dpo = Asking(here, "dpo")
    request = confirmed(dpo, person(here))
    dpo.done(f"{AT}/{request}/grant")
    html = page(dpo, f"/pelindungan/permintaan/{request}/laporan")
    assert "Warga Uji" in html
    [link] = re.findall(r'href="(/catat/subject_request.fulfil[^"]*)"', html)
    assert filled(dpo, link).status_code == 303
    handed = dpo.data(f"{AT}/{request}")
    assert (handed["state"], handed["entries"]) == ("dipenuhi", 1)
    assert handed["sha256"] in html
    assert handed["sha256"] in page(dpo, f"/pelindungan/permintaan/{request}")
    unconfirmed = asked(dpo, person(here))
    assert opened(dpo, f"/pelindungan/permintaan/{unconfirmed}/laporan").status_code == 409


def test_the_report_is_handed_over_as_a_file_that_is_what_the_page_showed(here: Office) -> None:
    dpo = Asking(here, "dpo")
    request = confirmed(dpo, person(here, tier=2))
    at = f"/pelindungan/permintaan/{request}/laporan"
    html = unescape(page(dpo, at))
    shown = html.partition('<pre class="sheet">')[2].partition("</pre>")[0]
    text, data = re.findall(r'href="([^"]+)" download', html)
    page(dpo, at)  # is a reading more, which the files do not tell: they are of the page that was read
    sheet = opened(dpo, text)
    assert sheet.headers["Content-Disposition"] == f"attachment; filename=laporan-data-{request[-6:]}.txt"
    assert sheet.get_data(as_text=True).startswith(shown)
    assert "HAK ANDA" in shown
    document = opened(dpo, data).data
    digest = hashlib.sha256(document).hexdigest()
    assert digest in html
    assert digest in sheet.get_data(as_text=True)
    assert json.loads(document)["records"][0]["identity"]["name"] == "Warga Uji"
    for path in (text, data):
        assert opened(Asking(here, "supervisor"), path).status_code == 403


old = destroyers.here_on_sqlite


def test_a_destruction_is_proposed_by_one_and_approved_by_two_others(old: Office) -> None:
    one, other = lived(old, [1, 2])
    supervisor, head, dpo = (Asking(old, role) for role in ("supervisor", "kepala_dinas", "dpo"))
    html = page(supervisor, "/pelindungan")
    assert "2 warga" in told(html)
    for id in (one, other):
        assert f"Orang, Mongolato (…{id[-6:]})" in told(page(dpo, "/pelindungan"))
        assert id not in told(html), "which record it is, and neither who nor a number to be typed"
    [link] = re.findall(r'href="(/catat/destruction.propose[^"]*)"', html)
    assert f"(…{one[-6:]})" in told(page(supervisor, unescape(link)))
    stream = supervisor.done("/api/v1/destructions", {"subjects": [one]})["id"]
    at = f"/pelindungan/pemusnahan/{stream}"
    assert "/catat/destruction.approve" not in page(supervisor, at)
    for who in (head, dpo):
        [link] = re.findall(r'href="(/catat/destruction.approve[^"]*)"', page(who, at))
        assert filled(who, link).status_code == 303
        assert "/catat/destruction.approve" not in page(who, at)
    html = page(head, at)
    assert "2 dari 2" in told(html)
    assert "/catat/destruction.record_minutes" in html
    auditor = page(Asking(old, "auditor"), at)
    assert "2 dari 2" in told(auditor)
    assert "/catat/" not in auditor
    assert opened(Asking(old, "peksos"), at).status_code == 403


def test_what_a_request_asks_is_done_from_its_page_to_somebody_whose_page_is_closed(
    here: Office,
) -> None:
    officer, someone = Asking(here, "dpo"), person(here)
    asks = {"subject": someone, "kind": "erasure", "asker": "wali", "channel": "surat"}
    request = officer.done("/api/v1/subject-requests", asks)["id"]
    assert opened(officer, f"/warga/{someone}").status_code == 404
    html = page(officer, f"/pelindungan/permintaan/{request}")
    assert "/catat/beneficiary.place_hold" in html
    [link] = re.findall(r'href="(/catat/beneficiary.restrict_processing[^"]*)"', html)
    assert filled(officer, link, ground="keberatan").status_code == 303
    assert opened(officer, f"/warga/{someone}").status_code == 200
