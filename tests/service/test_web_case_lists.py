"""However many cases there are, what is due first stands first, and every one is reached from page to page."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

from service.office import Office
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_cases import opening
from tests.service.web_office import page, told

Client = Callable[[str], Asking]
BEGUN = date(2026, 2, 1)
MANY = 110


def paged(asking: Asking, path: str) -> list[str]:
    """The cases on all the pages of a list, in their order."""
    found: list[str] = []
    while path:
        html = page(asking, path)
        found += re.findall(r'<th scope="row"><a href="/kasus/([0-9a-f-]{36})["?]', html)
        onward = re.findall(r'href="([^"]*)">Halaman berikutnya', html)
        path = unescape(onward[0]) if onward else ""
    return found


def test_the_most_overdue_of_many_stand_first_and_none_is_left_out(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    cases = [
        worker.done("/api/v1/cases", opening(person(office), on=str(BEGUN + timedelta(days=day))))["id"]
        for day in range(MANY)
    ]
    assert paged(supervisor, "/kasus") == cases
    assert paged(supervisor, "/kasus?petugas=-") == cases
    for case in cases[-3:]:
        worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account})
    assert paged(supervisor, "/kasus?petugas=-") == cases[:-3]
    assert paged(worker, "/kasus") == cases[-3:]
    assert paged(supervisor, "/kasus?terlambat=ya") == cases
    [early] = worker.data("/api/v1/cases", order="due", limit=1)
    assert early["id"] == cases[0]
    position = supervisor.get("/api/v1/cases").get_json()["position"]
    worker.done(f"/api/v1/cases/{cases[0]}/assignment", {"worker": worker.account})
    assert paged(supervisor, f"/kasus?petugas=-&posisi={position}") == cases[:-3], "also of a past moment"


def test_a_list_that_is_shorter_than_its_count_says_why(office: Office) -> None:
    for village in (VILLAGE, "75.01.03.2004"):
        opener = Asking(office, "tksk", (village[:8],))
        opener.done("/api/v1/cases", opening(person(office, village), village=village))
    worker, wider = Asking(office, "peksos", (VILLAGE[:8],)), Asking(office, "supervisor")
    assert "2 kasus belum ada petugasnya" in told(page(worker, "/kasus"))
    told_so = "1 kasus lain tanpa petugas tidak boleh Anda lihat"
    assert told_so in told(page(worker, "/kasus", petugas="-"))
    assert "tidak boleh Anda lihat" not in page(wider, "/kasus", petugas="-")
    elsewhere = Asking(office, "peksos", ("75.01.09",))
    for nobodys in ("2 kasus belum ada petugasnya", "Kasus Anda"):
        assert nobodys in told(page(elsewhere, "/kasus"))
    none = told(page(elsewhere, "/kasus", petugas="-"))
    assert "2 kasus tanpa petugas tidak boleh Anda lihat; supervisor membaginya." in none
    assert "Tidak ada kasus" not in none
