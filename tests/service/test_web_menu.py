"""What the menu of a role names, the role may open."""

import re

import pytest

from service.office import Office
from tests.service.offices import ROLES, Asking
from tests.service.test_api_cases import opened as opened_case
from tests.service.test_api_wksbm import begun
from tests.service.web_office import opened, page


@pytest.mark.parametrize("role", [*ROLES, "dpo", "mitra"])
def test_every_entry_of_the_menu_opens(office: Office, role: str) -> None:
    who = Asking(office, role)
    entries = re.findall(r'<li><a href="([^"]+)"', page(who, "/").split('class="menu"')[1].split("</ul>")[0])
    assert "/" in entries
    assert {entry: opened(who, entry).status_code for entry in entries} == dict.fromkeys(entries, 200)


@pytest.mark.parametrize("back", ["/warga", "/warga/018f0000-0000-7000-8000-000000000000?bagian=kasus"])
def test_a_form_belongs_to_the_entry_that_it_returns_to(office: Office, back: str) -> None:
    who = Asking(office, "peksos")
    form = page(who, "/catat/beneficiary.register", kembali=back)
    assert re.findall(r'<li><a href="([^"]+)" aria-current="(\w+)"', form) == [("/warga", "true")]
    body = page(who, f"/wksbm/{begun(Asking(office, 'tksk'))}")
    assert re.findall(r'<li><a href="([^"]+)" aria-current="(\w+)"', body) == [("/desa", "true")]


@pytest.mark.parametrize(
    ("role", "card", "said"),
    [
        ("kepala_dinas", "Pelindungan data", "Masa simpan, pemusnahan"),
        ("dpo", "Pelindungan data", "Permintaan warga, masa simpan, pemusnahan"),
        ("kepala_dinas", "Pengawasan", "Beban kerja, yang macet, akses darurat"),
        ("supervisor", "Pengawasan", "Beban kerja, keterlambatan, persetujuan"),
        ("dpo", "Pengawasan", "Akses darurat yang harus ditinjau"),
    ],
)
def test_a_card_promises_what_its_role_finds_there(office: Office, role: str, card: str, said: str) -> None:
    assert f"<strong>{card}</strong><span>{said}</span>" in page(Asking(office, role), "/")


def test_the_data_officer_finds_the_cases_of_those_she_looks_after(office: Office) -> None:
    dpo, worker = Asking(office, "dpo"), Asking(office, "peksos")
    case, other = opened_case(office, worker), opened_case(office, worker)
    assert case not in page(dpo, "/kasus")
    hers = worker.data(f"/api/v1/cases/{case}")["beneficiary"]
    dpo.done(f"/api/v1/beneficiaries/{hers}/processing-restriction", {"ground": "keberatan"})
    assert f"/kasus/{case}" in page(dpo, "/kasus")
    assert other not in page(dpo, "/kasus")
