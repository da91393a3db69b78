"""No number on a page stands alone: a figure leads to its rows, or its heading to what it means. What is no figure is named
here, with the reason."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from service.web.frame import STATIC
from tests.journeys.sown import Sown, every_page
from tests.service.offices import VILLAGE
from tests.service.web_office import opened

TEMPLATES = STATIC.parent / "templates"
#: What a template writes as a number by itself, not with the macros of why.html: `template expression`.
WRITTEN = re.compile(r"(\([^()]*\)|[\w.|]+)\|number\b")
NO_FIGURES = {
    "a position of the log, or a size of it under a checkpoint": (
        "base.html g.position",
        "base.html ()",  # moment_position()
        "problem.html ()",
        "administration.html health.head",
        "administration.html health.sealed.unsealed",
        "checkpoint_text.html one.size",
        "event.html event.position",
        "event.html proof.checkpoint.size",
        "explorer.html health.head",
        "explorer.html health.sealed.size",
        "explorer.html health.sealed.unsealed",
        "explorer.html one.position",
        "explorer.html one.size",
        "figure_events.html one.position",
        "printed.html foot.checkpoint.size",
        "printed.html foot.position",
        "projections.html health.verified.head",
        "projections.html health.verified.position",
        "projections.html health.verified.set_aside|length",
        "projections.html row.folded",
        "projections.html row.position",
        "projections.html row.lag",
        "public.html checkpoint.size",
        "public_receipt.html position",
        "replay.html step.position",
    ),
    "a gauge of the machinery": (
        "explorer.html health.verified.differences",
        "home.html health.verified.differences",
        "projections.html health.verified.differences",
        "projections.html late",
    ),
    "a step or place in a row of things": ("replay.html at", "replay.html count", "sample.html row.place"),
    "the rows stand below it": (
        "case.html entries|length",
        "cases.html rows|length",
        "person_readings.html rows|length",
        "protection.html due|length",
        "public_receipt.html found.receipt.events|length",
        "sample.html size",
        "supervision.html count",
        "supervision.html rows|length",
        "subject_report.html report.counts.entries",
        "subject_report.html report.counts.files",
    ),
    "the rows are not to be shown": (
        "cases.html beyond",
        "figure.html told.left_out",
        "periods.html row.left_out",
        "periods.html row.more",
        "person.html history.left_out",
    ),
    "the page that explains a figure": ("figure.html told.count", "figure.html told.of", "figure.html row.weight"),
    "what one record says of itself": (
        "case.html one.score",
        "case.html row.score",
        "case_summary.html row.score",
        "destruction.html one.files",
        "destruction.html one.parts",
        "incident.html one.count",
        "incident.html one.deliveries",
        "incident.html one.household",
        "incident.html one.listed",
        "incident.html one.quantity",
        "incident.html one.recipients",
        "person_readings.html (row.people - 1)",
        "readings.html row.people",
        "register.html entry.members",
        "register.html one.capacity",
    ),
    "an age, a limit, or what somebody stated": (
        "case.html one.review_days",
        "clock.html (-left)",
        "clock.html (left // 24)",
        "incident.html one.number",
        "referral.html one.days",
        "referral.html row.idle_days",
        "referrals.html row.idle_days",
        "referrals.html row.age_days",
        "transfers.html row.age_days",
        "supervision.html most",
        "supervision.html row.idle_days",
        "trends.html (note.permille / 10)",
    ),
    "the scale of a drawing": ("chart.html value",),
    "its heading leads to what it means": (
        "public.html count",
        "public.html one.in_force",
        "public.html one.ratified",
        "public.html one.villages",
        "public.html rows|length",
        "public.html |list|length",
    ),
}
#: Headings of cells and boxes with numbers that are no figures, by page.
GAUGES = {
    ("/jejak", "Peristiwa"),
    ("/jejak", "Di bawah segel"),
    ("/jejak", "Sampai posisi"),
    ("/pengelolaan", "Peristiwa"),
    ("/pengelolaan", "Belum disegel"),
    ("/pengelolaan/tampilan", "Generasi"),
    ("/pengelolaan/tampilan", "Sampai posisi"),
    ("/pengelolaan/tampilan", "Belum diikuti"),
    ("/mengapa/<figure>", "Jumlah"),
    ("/pelindungan", "Persetujuan"),  # of the two that one destruction needs
    ("/rujukan", "Umur (hari)"),
}
#: Pages that are full of figures only when they are asked so.
ASKED = {
    "/desa": ["/desa?halaman=2", f"/desa?kecamatan={VILLAGE[:8]}"],
    "/laporan": ["/laporan?mulai=2019-01-01&sampai=2026-12-31&dilaporkan=2020-01-01"],
}
TABLE, ROW = re.compile(r"<table[^>]*>(.*?)</table>", re.DOTALL), re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
HEADING = re.compile(r'<th scope="col"[^>]*>(.*?)</th>', re.DOTALL)
CELL = re.compile(r"<(t[dh][^>]*)>(.*?)</t[dh]>", re.DOTALL)
BOXES = re.compile(r'<dl class="numbers">(.*?)</dl>', re.DOTALL)
BOX = re.compile(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", re.DOTALL)
#: The pages that have figures.
EXPLAINING = {"/", "/cakupan", "/desa", "/desa/<code>", "/kasus", "/laporan", "/pelindungan", "/pengawasan"}
EXPLAINING |= {"/bencana", "/bencana/<id>", "/pengelolaan/wilayah", "/publik", "/rujukan", "/wksbm/<id>"}
COUNT = r"[+-]?\d{1,3}(\.\d{3})*%?"  # neither a year nor the code of a village
TAG, WHY = re.compile(r"<[^>]*>"), re.compile(r'<a class="why".*?</a>', re.DOTALL)


def words(html: str) -> str:
    return unescape(TAG.sub("", html)).strip()


def cells(text: str) -> Iterator[tuple[str, str]]:
    """Every cell and box of a page with a number, after its heading."""
    for table in TABLE.findall(text):
        headings = HEADING.findall(table)
        for row in ROW.findall(table):
            for place, (kind, cell) in enumerate(CELL.findall(row)):
                if "col" not in kind and ('class="n"' in kind or re.fullmatch(COUNT, words(cell))):
                    yield headings[place] if place < len(headings) else "", cell
    for boxes in BOXES.findall(text):
        yield from BOX.findall(boxes)


def told(text: str) -> tuple[set[str], set[str]]:
    """The headings of the numbers of a page that are told why, and of those that stand alone; nothing needs no reason."""
    explained, alone = set(), set()
    for heading, cell in cells(text):
        if not re.search("[1-9]", words(cell)):
            continue
        meaning = re.search(r'href="#([^"]+)"', heading)
        if (meaning and f' id="{meaning[1]}"' in text) or not re.search("[1-9]", words(WHY.sub("", cell))):
            explained.add(words(heading))
        else:
            alone.add(words(heading))
    return explained, alone


def test_a_number_that_a_template_writes_by_itself_is_no_figure() -> None:
    found = {
        f"{one.name} {written}"
        for one in TEMPLATES.glob("*.html")
        if one.name != "why.html"
        for written in WRITTEN.findall(one.read_text(encoding="utf-8"))
    }
    assert found == {one for listed in NO_FIGURES.values() for one in listed}


def test_every_number_of_every_page_is_told_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sown = Sown(tmp_path, ["Ibu Rahma"], monkeypatch)
    explaining, alone = set(), set()
    for rule, addresses in every_page(sown.office, sown.one, each=3).items():
        for address in [*addresses, *ASKED.get(rule, ())]:
            explained, lonely = told(opened(sown.one, address).get_data(as_text=True))
            explaining |= {rule for _ in explained}
            alone |= {(rule, heading) for heading in lonely}
    assert alone == GAUGES
    assert explaining == EXPLAINING
