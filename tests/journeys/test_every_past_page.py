"""The date control on every page: what it shows of a past moment is what the API answers as of then, and nothing later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.journeys.sown import Sown, every_page, rules_of
from tests.service import planting_field, test_canary
from tests.service.offices import VILLAGE, Clock, make_office
from tests.service.web_office import told

THEN, LATER = ["Ibu Rahma zqxdulu"], ["Ibu Rahma zqxkelak"]
WORD = "zqxkelak"
PAST_DAY = "2026-06-03"
#: Pages without a date control, and why.
UNDATED = {
    "/akun": "one's own means of signing in, of now",
    "/catat/<command>": "a form",
    "/kasus/<id>/isi/<form>": "a form",
    "/bencana/<id>/korban": "a form",
    "/koreksi/<id>/<int:target>": "a form",
    "/jawab/<token>": "whoever holds a letter answers now",
    "/kotak-keluar": "what waits on this device",
    "/luring": "what this device holds",
    "/kotak-keluar/berkas": "a file from a device",
    "/masuk": "nobody is signed in yet",
    "/masuk/kode": "nobody is signed in yet",
    "/publik": "the public sees today and the last month end",
    "/publik/rujukan": "the step of today",
    "/publik/tanda-terima": "a receipt never changes",
    "/bantuan": "help",
    "/bantuan/<role>": "help",
    "/tanda-terima/<command>": "a receipt never changes",
    "/jejak/peristiwa/<int:position>": "an event never changes",
    "/jejak/titik-periksa/<int:size>": "a checkpoint never changes",
    "/jenis-ppks": "lists of today",
    "/pengelolaan/daftar": "lists with all their versions",
    "/pengelolaan/tampilan": "how the views are doing now",
    "/pengawasan/alih": "a form",
    "/rujukan/<id>/surat": "a letter that is printed now",
    "/pelindungan/permintaan/<id>/laporan": "a report that is handed over now",
}
#: Where a link of a dated page leads that knows no date.
TIMELESS = (
    "/kotak-keluar",
    "/luring",
    "/akun",
    "/masuk",
    "/bahasa",
    "/keluar",
    "/static",
    "/api/v1/files",
    "/jenis-ppks",
    "/tanda-terima",
    "/jejak/titik-periksa",
    "/bantuan",
    "/publik",
    "#",
)


class Aged(Sown):
    """An office whose second half was recorded nine days after the first."""

    def __init__(self, folder: Any, patch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        patch.setattr(planting_field, "make_office", lambda folder, url: make_office(folder, url, now=self.clock))
        super().__init__(folder, THEN, patch, once=True)
        self.then = self.office.reader.head()[0]
        rows = self.office.database.rows("SELECT stream, topic FROM events WHERE version = 1 ORDER BY position")
        self.streams = {topic.partition(".")[0]: stream for stream, topic in rows}
        self.first = list(dict.fromkeys(self.streams.values()))
        self.pages = every_page(self.office, self.one)
        self.clock.wait(days=9)
        self._grow()
        self.office.views.catch_up(bounded=False)

    def _grow(self) -> None:
        """Everything once more, and more about what there was."""
        self.change_texts(LATER)
        test_canary.a_life(self, strict=False)
        first = self.streams
        case = first["case"]
        self.do("kps.resume", {}, stream=first["kps"])
        self.do("case.hold_conference", {"attendees": 3}, stream=case)
        self.do("referral.accept", {"channel": "telepon"}, stream=self.referral)
        self.do("wksbm.hold_deliberation", {"attendance": 9, "on": "2026-03-03"}, stream=first["wksbm"])
        self.do("wksbm.report_activity", {"kind": "kedukaan", "on": "2026-03-04"}, stream=first["wksbm"])
        self.do("psks.end", {"reason": "tidak_aktif"}, stream=first["psks"])
        self.do("incident.close", {}, stream=first["incident"])
        self.do("psks.register", {"kind": "psm", "name": "x", "village": VILLAGE})
        self.do("wksbm.initiate", {"village": "75.01.01.1001", "name": "x"})  # where there is none: shares grow
        self.do("account.open", {"login": "petugas-kelak", "name": "x"})
        self.do("incident.declare", {"kind": "banjir", "name": "x", "struck_on": "2026-03-01", "villages": [VILLAGE]})
        self.do("indicator.define", {"name": "x", "definition": "x"})
        asks = {"subject": first["beneficiary"], "kind": "access", "asker": "wali", "channel": "surat"}
        self.do("subject_request.open", asks)
        self.do("referral.submit", {"destination_kind": "puskesmas", "need": "pemeriksaan"}, stream=case)
        fields = {"identity": {"name": f"Ibu {WORD}"}}
        self.do(
            "record.correct", {"target": 1, "values": fields, "requested_by": "petugas"}, stream=first["beneficiary"]
        )
        self.do("beneficiary.move_out", {}, stream=first["beneficiary"])


Kind = TypeVar("Kind", bound=Aged)


@contextmanager
def aging(kind: type[Kind], folder: Any) -> Iterator[Kind]:
    """Such an office, for as long as it is needed."""
    with pytest.MonkeyPatch.context() as patch:
        made = kind(folder, patch)
    yield made
    made.office.close()


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aged]:
    with aging(Aged, tmp_path_factory.mktemp("aged")) as made:
        yield made


def page(aged: Aged, path: str, **moment: Any) -> str:
    headers = {"Authorization": f"Bearer {aged.one.token}", "Accept": "text/html"}
    asked = f"{'&' if '?' in path else '?'}{urlencode(moment)}" if moment else ""
    answer = aged.one.client.get(path + asked, headers=headers)
    assert answer.status_code == 200, (path, moment, told(answer.get_data(as_text=True)))
    return answer.get_data(as_text=True)


def dated(aged: Aged) -> dict[str, str]:
    """The address of each page with a date control, by its rule."""
    return {rule: paths[-1] for rule, paths in aged.pages.items() if rule not in UNDATED}


def test_every_page_has_a_date_control_or_a_reason(aged: Aged) -> None:
    assert set(UNDATED) <= set(rules_of(aged.office))
    for rule, path in dated(aged).items():
        assert 'name="per"' in page(aged, path), rule
    for rule in UNDATED:
        if rule not in (
            "/masuk",
            "/jawab/<token>",
            "/koreksi/<id>/<int:target>",
            "/catat/<command>",
        ):
            assert 'name="per"' not in page(aged, aged.pages[rule][0]), rule


@pytest.mark.parametrize("moment", ["position", "day"])
def test_a_past_page_is_marked_knows_nothing_later_records_nothing_and_keeps_its_date(aged: Aged, moment: str) -> None:
    asked: dict[str, Any] = {"posisi": aged.then} if moment == "position" else {"per": PAST_DAY}
    mark = "Seperti tercatat pada posisi" if moment == "position" else "Seperti diketahui pada 3 Juni 2026"
    (name, value) = next((name, str(value)) for name, value in asked.items())
    wrong, links, later = [], 0, 0
    for rule, path in dated(aged).items():
        html = page(aged, path, **asked)
        text = told(unescape(html))
        if mark not in text or "hanya untuk dibaca" not in text:
            wrong.append((rule, "not marked"))
        if WORD in html:
            wrong.append((rule, "knows what came later"))
        later += WORD in page(aged, path)
        body = html[html.index("<main") : html.index("</main>")]
        if "/catat/" in body or "/koreksi/" in body or "/isi/" in body:
            wrong.append((rule, "offers to record"))
        for form in re.findall(r'<form[^>]*method="post"[^>]*>', body):
            if rule != "/warga":  # a search, whose words must not stand in an address
                wrong.append((rule, form))
        for href in map(unescape, re.findall(r'<a[^>]* href="([^"]+)"', html)):
            if href.startswith(TIMELESS) or (href == path and "Kembali ke hari ini" in text):
                continue
            links += 1
            if parse_qs(urlsplit(href).query).get(name) != [value] and "posisi=" not in href:
                wrong.append((rule, href))
    assert wrong == []
    assert links > 500
    assert later >= 8, "on how many pages of today there is something that came later"


def test_counts_of_lists_and_figures_are_those_of_then(aged: Aged) -> None:
    for asked, as_of in (({"posisi": aged.then}, aged.then), ({"per": PAST_DAY}, f"{PAST_DAY}T15:59:59.999999Z")):
        board = aged.one.data("/api/v1/villages", as_of=as_of)
        html = told(page(aged, "/desa", **asked))
        for stage in ("belum_ada", "dirintis", "terbentuk", "sah"):
            count = sum(row["stage"] == stage for row in board)
            words = stage.replace("_", " ").capitalize()
            assert (f"{words} {count}" in html) == (count > 0), (stage, count)
        for path, api, mark in (
            ("/rujukan", "/api/v1/referrals", "/rujukan/"),
            ("/kasus?keadaan=buka", "/api/v1/cases?open=true", "/kasus/"),
        ):
            rows = aged.one.get(f"{api}{'&' if '?' in api else '?'}as_of={as_of}&limit=500").get_json()["data"]
            shown = page(aged, path.partition("?")[0], **asked, **dict(parse_one(path)))
            listed = {row["id"] for row in rows if f"{mark}{row['id']}" in shown}
            assert len(listed) > 0
            today = {
                row["id"] for row in aged.one.get(f"{api}{'&' if '?' in api else '?'}limit=500").get_json()["data"]
            }
            for id in today - {row["id"] for row in rows}:
                assert id not in shown, (path, id)


def parse_one(path: str) -> list[tuple[str, str]]:
    return [(name, values[0]) for name, values in parse_qs(path.partition("?")[2]).items()]


@pytest.mark.parametrize("day", [None, PAST_DAY])
def test_the_link_to_a_state_shows_it_again_however_much_later(aged: Aged, day: str | None) -> None:
    """With its position and its day: what is counted from a day, as how long a referral waits, stays as it was."""

    def numbers(html: str) -> list[str]:
        body = html[html.index("<main") : html.index("</main>")]
        return re.findall(r"\d+(?: hari)?", re.sub(r"<form.*?</form>|<[^>]+>", " ", body, flags=re.DOTALL))

    shown, links = {}, {}
    for rule in ("/pengawasan", "/rujukan", "/kasus", "/desa", "/cakupan"):
        html = page(aged, dated(aged)[rule], **({"per": day} if day else {}))
        (links[rule],) = re.findall(r'<a href="([^"]+)">Tautan ke keadaan ini</a>', html)
        shown[rule] = numbers(html)
    assert any("hari" in number for number in shown["/pengawasan"])
    try:
        aged.clock.wait(days=90)
        for rule, link in links.items():
            assert numbers(page(aged, unescape(link))) == shown[rule], rule
        changed = {rule for rule in links if numbers(page(aged, dated(aged)[rule])) != shown[rule]}
        assert "/pengawasan" in changed, "or else nothing would depend on the day"
    finally:
        aged.clock.wait(days=-90)
