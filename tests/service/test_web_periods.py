"""The figures of a period, then and now."""

import re
from collections.abc import Callable
from html import unescape

from service.office import Office
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_cases import opened
from tests.service.test_api_territory import DECREE, village
from tests.service.web_office import opened as asked_for
from tests.service.web_office import page, told

Client = Callable[[str], Asking]
MARCH = {"mulai": "2026-03-01", "sampai": "2026-03-31"}


def rows(html: str) -> dict[str, list[str]]:
    """The numbers of each row of the table."""
    found = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', html, re.S)
    return {told(name).strip(): told(numbers).split() for name, numbers in found}


def test_a_period_counts_what_happened_in_it(office: Office, client: Client) -> None:
    worker, head = client("tksk"), client("kepala_dinas")
    opened(office, worker)
    figures = rows(page(head, "/laporan", **MARCH))
    [opened_cases] = [numbers for name, numbers in figures.items() if name == "Kasus yang dibuka"]
    assert opened_cases == ["1"]
    april = rows(page(head, "/laporan", mulai="2026-04-01", sampai="2026-04-30"))
    assert {number for numbers in april.values() for number in numbers} == {"0"}
    assert asked_for(head, "/laporan", mulai="2026-04-01", sampai="kapan").status_code == 422
    assert asked_for(client("admin"), "/laporan").status_code == 403


def test_what_was_recorded_since_the_report_stands_beside_it(office: Office, client: Client) -> None:
    worker, head = client("tksk"), client("kepala_dinas")
    opened(office, worker)
    html = page(head, "/laporan", **MARCH, dilaporkan="2020-01-01")
    [numbers] = [numbers for name, numbers in rows(html).items() if name == "Kasus yang dibuka"]
    assert numbers == ["0", "1", "+1"]
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(re.findall(r'id="([^"]+)"', html))
    assert "1 tidak boleh Anda lihat" in told(html), "she sees that something was, and not what"
    assert "Tidak ada yang berubah" not in html
    for wrong in ("entah", "9999-12-31"):
        assert asked_for(head, "/laporan", **MARCH, dilaporkan=wrong).status_code == 422


def test_both_figures_of_a_difference_are_explained_while_the_place_has_the_same_villages(client: Client) -> None:
    head = client("kepala_dinas")
    path, march = "/api/v1/periods/difference", {"begin": "2026-03-01", "end": "2026-03-31"}
    march["reported"] = head.get("/api/v1/villages").get_json()["position"]

    def ways(**asked: str) -> list[str]:
        return sorted(head.get(path, **march, **asked).get_json()["why"])

    assert ways(kecamatan=VILLAGE[:8]) == ways() == ["now", "then"]
    parts = [village("75.01.02.2098", "Bulila Utara"), village(VILLAGE, "Bulila")]
    client("supervisor").done("/api/v1/territory/splits", {"code": VILLAGE, "villages": parts, **DECREE})
    assert ways(kecamatan=VILLAGE[:8]) == ["now"]
    assert ways() == ["now", "then"]
    asked = {"mulai": "2026-03-01", "sampai": "2026-03-31", "kecamatan": VILLAGE[:8]}
    assert "Dulu" in page(head, "/laporan", **asked, dilaporkan="2020-01-01")


def test_a_title_leads_to_its_definition_though_nothing_was_counted(client: Client) -> None:
    head = client("kepala_dinas")
    for asked in ({}, {"dilaporkan": "2020-01-01"}):
        html = page(head, "/laporan", **MARCH, **asked)
        link = re.search(r'<th scope="row"><a href="([^"]+)">Kasus yang dibuka</a>', html)
        assert link
        assert "Banyaknya kasus yang dibuka" in told(page(head, unescape(link[1])))
