"""The page of supervision is long: its parts are one tap away, and what is not shown of a list stands behind a link."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from service.office import Office
from service.web import supervision, words
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_cases import DAY, assessed, goal, opened
from tests.service.test_api_referrals import sent
from tests.service.test_emergencies import hidden
from tests.service.web_office import page, told

Client = Callable[[str], Asking]


@pytest.mark.parametrize("role", ["supervisor", "kepala_dinas", "auditor"])
def test_every_part_is_one_tap_away(client: Client, role: str) -> None:
    html = page(client(role), "/pengawasan")
    nav = re.search(r'<nav class="steps".*?</nav>', html, re.DOTALL)
    assert nav
    named = re.findall(r'href="#([\w-]+)"', nav[0])
    assert named == re.findall(r'<section id="([\w-]+)"', html)
    assert len(named) > 4


def test_what_is_not_shown_of_the_late_is_behind_a_link(
    office: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "SHOWN", 1)
    worker, supervisor = client("tksk"), client("supervisor")
    cases = {opened(office, worker) for _ in range(2)}
    html = page(supervisor, "/pengawasan")
    assert sum(case in html for case in cases) == 1
    assert '<a href="/kasus?terlambat=ya">Lihat semuanya</a>' in html
    everything = page(supervisor, "/kasus", terlambat="ya")
    assert all(case in everything for case in cases)
    theirs = page(supervisor, "/pengawasan", pekerja=worker.account)
    assert f'<a href="/kasus?petugas={worker.account}">Lihat semuanya</a>' in theirs


def test_more_plans_are_shown_on_the_page_itself(
    office: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "SHOWN", 1)
    monkeypatch.setattr(supervision, "LISTED", 2)
    worker, supervisor = client("tksk"), client("supervisor")
    for _ in range(3):
        case = assessed(office, worker)
        worker.done(f"/api/v1/cases/{case}/plans", {"goals": [goal(worker.account)], "on": DAY})
        supervisor.done(f"/api/v1/cases/{case}/assessment-approval")
    html = page(supervisor, "/pengawasan")
    assert html.count("/catat/case.approve_plan") == 1
    link = re.search(r'<a href="([^"#]+)#rencana">Perlihatkan lebih banyak</a>', html)
    assert link
    html = page(supervisor, link[1])
    assert html.count("/catat/case.approve_plan") == 2
    assert "Perlihatkan lebih banyak" not in html
    assert "Yang lain muncul setelah yang ini selesai" in told(html)


def test_the_heading_of_a_part_counts_all_that_waits_and_a_long_list_begins_folded(
    office: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "SHOWN", 2)
    worker, supervisor = client("tksk"), client("supervisor")
    for _ in range(3):
        case = assessed(office, worker)
        worker.done(f"/api/v1/cases/{case}/plans", {"goals": [goal(worker.account)], "on": DAY})
        sent(worker, case)
    assert parts(page(supervisor, "/pengawasan")) == {
        "terlambat": ("3", False),
        "asesmen": ("3", True),
        "rencana": ("3", True),
        "rujukan": ("3", False),
    }
    assert parts(page(supervisor, "/pengawasan", semua="ya"))["terlambat"] == ("3", True)
    assert parts(page(supervisor, "/pengawasan", pekerja=worker.account))["terlambat"] == ("3", True)
    monkeypatch.setattr(supervision, "LISTED", 3)
    assert parts(page(supervisor, "/pengawasan"))["rujukan"] == ("3+", False)
    assert parts(page(supervisor, "/pengawasan", semua="ya"))["rujukan"] == ("3+", True)


def parts(html: str) -> dict[str, tuple[str, bool]]:
    """The count in the heading of each part that holds something, and whether the part stands open."""
    found = re.findall(
        r'<details class="part" (open)?>\s*<summary>.*?<span class="tag">(.*?)</span>.*?<section id="([\w-]+)"',
        html,
        re.S,
    )
    return {place: (count, bool(is_open)) for is_open, count, place in found}


@pytest.mark.parametrize("role", ["auditor", "dpo"])
def test_whoever_sees_who_read_what_sees_the_emergency_accesses_and_decides_nothing(
    office: Office, client: Client, role: str
) -> None:
    child, holder, watcher = hidden(office), client("tksk"), client(role)
    registered = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Rahma"}}
    other = client("peksos").done("/api/v1/beneficiaries", registered)["id"]
    holder.done("/api/v1/emergencies", {"beneficiary": child, "reason": "Demam tinggi"})
    holder.done("/api/v1/emergencies", {"beneficiary": other, "reason": "Jatuh di sumur"})
    assert '<li><a href="/pengawasan"' in page(watcher, "/")
    assert 'href="/pengawasan#darurat"' in page(watcher, "/jejak")
    html = page(watcher, "/pengawasan")
    assert "membuka catatan pada" in html
    assert f"{words.ending(child)}</a>" in html, "of the strictly restricted not even the village"
    assert f"{words.ending(other)}, Bulila</a>" in html
    assert "Demam tinggi" not in html
    assert "/catat/" not in html
    assert f"/warga/{child}" not in html
    for link in ("/jejak/pembacaan", "/jejak"):
        addresses = set(re.findall(rf'href="({link}\?[^"]+)"', html))
        assert addresses
        assert all(page(watcher, unescape(address)) for address in addresses)
    supervisor = page(client("supervisor"), "/pengawasan")
    assert "Demam tinggi" in supervisor
    assert "/catat/emergency.review" in supervisor
