"""Whatever was typed anywhere is text on every page: of all payloads in every text, none becomes a part of any page."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import urlencode, urlsplit

import pytest

from service.api.commands import COMMANDS
from service.envelopes import joined
from service.log.ids import new_id
from service.web.ask import JSON
from tests.journeys.marked import ALL, MARK, Marked, payloads_at
from tests.journeys.payloads import PAYLOADS
from tests.journeys.sown import every_page, texts_of
from tests.service.offices import Asking
from tests.service.test_outbox import Phone
from tests.service.web_office import opened, sent

#: Of each command whose texts are not sown here, why: its papers and names are shown where those of the others are.
LIKE_OTHERS = (
    "evidence.number",
    "decree",
    "into.name",
    "into.kecamatan_name",
    "villages.name",
    "villages.kecamatan_name",
)
#: As long as all payloads, and as little what a code or a day may be.
PLAIN = "Bukan kode, bukan tanggal. " * 400
#: What is recorded and shown on no page, even to whoever may see everything.
NOWHERE = {
    ("", "file name"),
    *((f"account.{name}", "note") for name in ("close", "revoke_clearance", "revoke_role")),
    *((f"destruction.{name}", "note") for name in ("approve", "propose")),
    *(
        (f"subject_request.{name}", "note")
        for name in ("close", "confirm_identity", "fulfil", "grant", "pause", "resume")
    ),
    *(("kps.end", "note"), ("psks.end", "note"), ("emergency.review", "note"), ("emergency.open", "reason")),
    *(("destruction.refuse", "reason"), ("beneficiary.claim_identity", "reason_to_go_on")),
    ("incident.record_victims", "victims.reason_to_go_on"),
}


@pytest.fixture(scope="module")
def sown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    with pytest.MonkeyPatch.context() as patch:
        made = Marked(tmp_path_factory.mktemp("sown"), patch)
    yield made
    made.office.close()


class Page(HTMLParser):
    """What a page is made of, and every address that it holds."""

    LEADS = frozenset({"href", "src", "action", "formaction", "poster", "data", "srcset", "ping", "cite", "background"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[tuple[str, str]] = []
        self.made_of: set[tuple[str, ...]] = set()
        self.asks: set[str] = set()
        self._searching = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [(tag, value or "") for name, value in attrs if name in self.LEADS]
        self.made_of.add((tag, *sorted(given)))
        if tag == "form":
            self._searching = given.get("method", "get") == "get"
        elif self._searching and given.get("name"):
            self.asks.add(str(given["name"]))

    def handle_comment(self, data: str) -> None:
        self.made_of.add(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.made_of.add(("declaration", decl))


def shown(office: Marked, path: str) -> tuple[int, str]:
    answer = opened(office.one, path)
    assert answer.mimetype != JSON or answer.status_code == 303, path
    return answer.status_code, answer.get_data(as_text=True)


def all_pages(office: Marked) -> list[str]:
    """Every page of every record, and of every event."""
    events = [f"/jejak/peristiwa/{position}" for position in range(1, office.office.reader.head()[0] + 1)]
    return [path for paths in every_page(office.office, office.one, each=99).values() for path in paths] + events


def test_there_are_three_hundred_payloads_and_they_stand_in_every_text_of_every_command(sown: Marked) -> None:
    assert len(PAYLOADS) >= 300
    assert all(one in payloads_at(number) for one in PAYLOADS for number in (1000, 1001))
    wanted = {(command, name) for command in COMMANDS for name in texts_of(command)}
    missing = {one for one in wanted - set(sown.sown) if one[1] not in LIKE_OTHERS}
    assert missing == {("destruction.record_minutes", "berita_acara")}, "shown like the number of any paper"
    assert {one for one in sown.sown if one[1] not in LIKE_OTHERS} <= set(sown.fields.values())
    exported = Asking(sown.office, "auditor").get("/api/v1/events").get_data(as_text=True)
    assert exported.count("alert(1)") > 100, "in the open too"


def leads_outside(path: str, tag: str, value: str) -> bool:
    parts = urlsplit(value)
    letter = path.endswith("/surat") and parts.path.startswith("/jawab/")  # printed in full, for paper
    inside = (parts.scheme, parts.netloc) == ("", "") and value.startswith(("/", "#"))
    return not (inside or letter or (tag == "img" and parts.scheme == "data"))


def test_all_payloads_in_every_text_add_nothing_to_what_any_page_is_made_of_and_lead_nowhere(sown: Marked) -> None:
    parts, marks, outside = set[tuple[str, ...]](), set[str](), []
    told: dict[str, str] = {}
    looked_at = 0
    for path in all_pages(sown):
        status, html = shown(sown, path)
        parts |= Page(html).made_of
        marks |= {mark[0] for mark in MARK.finditer(html)}
        with sown.told():
            again, told[path] = shown(sown, path)
        assert again == status, path
    for path, html in told.items():
        page = Page(html)
        assert page.made_of <= parts, path
        assert not MARK.search(html), (path, "a mark in whose place nothing was told")
        outside += [(path, *one) for one in page.addresses if leads_outside(path, *one)]
        looked_at += len(page.addresses)
    assert outside == []
    assert looked_at > 5000
    assert sum(html.count("alert(1)") for html in told.values()) > 300_000
    assert sown.untold(marks) == NOWHERE


def test_all_payloads_in_every_search_add_nothing_to_what_any_page_is_made_of(sown: Marked) -> None:
    """Also those that nobody offers: a page says again what its address says."""
    asked = 0
    for rule, paths in every_page(sown.office, sown.one).items():
        if rule == "/catat/<command>":
            paths = paths[:1]
        path = paths[0]
        names = Page(shown(sown, path)[1]).asks | {"kembali", "lain"}
        if path != "/":  # the date control, which is one for all pages
            names -= {"per", "posisi"}
        at = f"{path}{'&' if '?' in path else '?'}"
        for name in names:
            known = [shown(sown, at + urlencode({name: text})) for text in ("zq", PLAIN)]
            status, html = shown(sown, at + urlencode({name: ALL}))
            assert status in [one for one, _ in known], (path, name)
            assert Page(html).made_of <= {part for _, plain in known for part in Page(plain).made_of}, (path, name)
            asked += 1
        status, html = shown(sown, at + urlencode({ALL: ALL}))
        assert Page(html).made_of <= Page(shown(sown, f"{at}zq=zq")[1]).made_of, path
    for path, name in (("/warga", "name"), ("/publik/rujukan", "tiket"), ("/publik/tanda-terima", "teks")):
        known = [sent(sown.one, path, **{name: text}).get_data(as_text=True) for text in ("zq", PLAIN)]
        html = sent(sown.one, path, **{name: ALL}).get_data(as_text=True)
        assert Page(html).made_of <= {part for plain in known for part in Page(plain).made_of}, path
    assert asked > 130


def test_all_payloads_in_a_file_that_is_brought_in_add_nothing_to_its_page(sown: Marked) -> None:
    """In every text of an entry that a device writes, in its name, and in a file that is no outbox."""

    phone = Phone(sown.one)

    def brought(text: str) -> Page:
        register = {"village": text, "kind": text, "channel": text, "identity": {"name": text}, text: text}
        entries = [
            phone.entry(text, {}),
            phone.entry("beneficiary.register", register),
            phone.entry("case.open", {"beneficiary": text}, url={"stream": text}),
            phone.picture(new_id(), text, text.encode(), name=text, type=text),
        ]
        shown = ""
        for content in (joined(entries), text.encode()):
            headers = {"Authorization": f"Bearer {sown.one.token}", "Accept": "text/html"}
            sent_file = {"berkas": (BytesIO(content), f"{text[:60]}.wahana")}
            answer = sown.one.client.post("/kotak-keluar/berkas", data=sent_file, headers=headers)
            assert answer.status_code in (200, 422), answer.get_data(as_text=True)
            shown += answer.get_data(as_text=True)
        assert shown.count("Ditolak") == len(entries)
        return Page(shown)

    assert brought(ALL).made_of <= brought(PLAIN).made_of
