"""S8 on screens and on a laptop of her own: an auditor checks two years by the codes that were printed in minutes, replays
the cases that her seed draws to the day of their decision, sees who looked, and finds what was altered in a copy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.web.printed import SHORT
from tests.journeys.browser import in_a_browser
from tests.journeys.calendar import VILLAGE, Place
from tests.journeys.desks import Desks, Seat, at_work, plain
from tests.journeys.two_years import AFTER, BEFORE, DECIDED, MONTHS, Years, altered, exported, verified
from tests.service.audited import verifier
from tests.service.offices import Asking

pytestmark = in_a_browser
DRAWN, SEED = 30, "4 6 1 3, dilempar di depan semua pada 7 Januari 2025"
A_CODE = re.compile(r"^  (\d+)  (\S{44})$", re.MULTILINE)


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    made = Place(tmp_path, "", BEFORE)
    with at_work(made) as found:
        yield found
    made.close()


def test_an_auditor_checks_two_years_and_finds_what_was_altered(desks: Desks) -> None:
    place = desks.place
    years = Years(place)
    place.calendar.later(10)
    auditor = place.who("auditor")
    desk = desks.of(auditor)
    the_codes_are_those_of_the_minutes(desk, years)
    cases = drawn(desk, years)
    replayed(desk, cases, years)
    who_looked(desk, auditor, cases, years)
    read_only(desk, auditor, years)
    what_was_altered_is_found(years)


def the_codes_are_those_of_the_minutes(desk: Seat, years: Years) -> None:
    """Chain whole; each month's code on paper is the one that the verifier works out from the texts of the export."""
    for size, code in list(years.minutes.items())[-3:]:
        with desk.go("/jejak").page.expect_navigation():
            desk.page.locator(f'main a[href$="/titik-periksa/{size}"]').click()
        desk.reads("Berita acara titik periksa", f"Jumlah catatan {size}", code, code[:SHORT], "Kepala Dinas Sosial")
    note = desk.context.request.get(f"{desk.address}/api/v1/log/checkpoint").text()
    folder = years.place.folder
    (folder / "mine").write_text(note, "utf-8")
    exported(folder)
    found = verified(folder, "--codes", "--checkpoint", str(folder / "mine"))
    assert (found.returncode, found.stderr) == (0, "")
    assert "tidak ada yang berbeda" in found.stdout
    assert len(years.minutes) == len(MONTHS) == 24
    assert {int(size): code for size, code in A_CODE.findall(found.stdout)} == years.minutes
    asked = ("--json", "--sample", str(DRAWN), "--seed", SEED, "--checkpoint", str(folder / "mine"))
    told = json.loads(verified(folder, *asked).stdout)
    assert (told["own"], told["differences"]) == (list(years.minutes)[-1], [])
    log = years.place.office.log
    for one in told["sample"]:
        (row,) = log.stored(one["position"] - 1, 1)
        assert (row.stream, row.topic) == (one["stream"], one["topic"])
    assert len({one["position"] for one in told["sample"]}) == DRAWN


def drawn(desk: Seat, years: Years) -> list[str]:
    """Thirty closed cases by her seed: those that anybody works out from the list of their ids."""
    with desk.go("/jejak").page.expect_navigation():
        desk.page.locator("main a.card", has_text="Sampel kasus").click()
    desk.fill({"Benih": SEED, "Berapa kasus": str(DRAWN)}).press("Pilih")
    desk.reads(f"{DRAWN} dari {len(years.people)} kasus tertutup")
    found = desk.page.locator("main ol.story a.hash").all_inner_texts()
    closed = sorted(years.people)
    assert found == [closed[place - 1] for place in verifier.draws(SEED, len(closed), DRAWN)]
    return found


def replayed(desk: Seat, cases: list[str], years: Years) -> None:
    """Each to the day of its decision: the steps until then and no later one, and how the case stood. The first of them by
    what stands on the pages, from its last step back to that day."""
    first, day = cases[0], years.decided[cases[0]]
    desk.follow(first).reads(f"Langkah 1 dari {len(DECIDED + AFTER)}").follow("Terakhir").reads("Kasus diakhiri")
    desk.back_to(day.isoformat())
    desk.reads(f"Langkah {len(DECIDED)} dari {len(DECIDED)}", "Rencana intervensi nomor 1 disetujui")
    desk.follow(f"posisi {desk.page.locator('main article a').first.inner_text().split()[-1]}")
    desk.reads("Terbukti di bawah titik periksa")
    for case in cases:
        when = years.decided[case].isoformat()
        html = desk.told(f"/jejak/{case}?per={when}&langkah={len(DECIDED)}")
        assert f"Langkah {len(DECIDED)} dari {len(DECIDED)}" in html, case
        assert "Rencana intervensi nomor 1 disetujui" in html, case
        steps = years.place.who("auditor").get(f"/api/v1/streams/{case}/replay", until=when).get_json()["steps"]
        assert tuple(step["topic"] for step in steps) == DECIDED, case
        state = steps[-1]["state"]
        assert (state["risk"], state["terminated"]) == ("tinggi", False), case


def who_looked(desk: Seat, auditor: Asking, cases: list[str], years: Years) -> None:
    """Who viewed the sampled files is listed, file by file; once she has opened one herself, she is too."""
    for case in cases:
        listed = desk.told(f"/jejak/pembacaan?warga={years.people[case]}")
        assert "<strong>tksk</strong>" in listed, case
        assert "<strong>auditor</strong>" not in listed, case
    desk.go(f"/jejak/sampel?benih={SEED}&banyak={DRAWN}").follow("Siapa membacanya").reads("tksk")
    looked = desk.page.url.removeprefix(desk.address)
    person = years.people[cases[0]]
    assert person in looked
    desk.go(f"/warga/{person}").go(looked)
    assert plain(desk.page.locator("main ol.story li").first.inner_text()).startswith("auditor")
    log = years.place.office.log
    made = [json.loads(one.text) for one in log.stored(list(years.minutes)[-1], 1000) if one.topic == "reading.made"]
    assert {one["by"] for one in made} == {auditor.account}
    assert person in json.dumps(made)


def read_only(desk: Seat, auditor: Asking, years: Years) -> None:
    """She looks at everything and is offered nothing to record; whatever she sends all the same is refused."""
    case = next(iter(years.people))
    for path in ("/", "/kasus", f"/kasus/{case}", "/warga", f"/desa/{VILLAGE}", "/rujukan", "/jejak"):
        desk.go(path).lacks('href="/catat/')
    assert auditor.refused(f"/api/v1/cases/{case}/reopening", {"reason": "Coba"}) == "not_allowed"
    with desk.go("/cakupan").page.expect_navigation():
        desk.page.locator("main .why").first.click()
    desk.reads("Mengapa angka ini").lacks("Anak 0")


def what_was_altered_is_found(years: Years) -> None:
    """On a copy: the row that was edited, the one that is gone, and the one that was slipped in, each by its position."""
    copy = altered(years.place.folder)
    found = verified(copy.folder, "--json", "--codes")
    assert found.returncode == 3
    told = json.loads(found.stdout)
    places = {(one["kind"], one["first"], one["last"]) for one in told["differences"]}
    assert ("leaf", copy.edited, copy.edited) in places
    assert ("gap", copy.deleted, copy.deleted) in places
    (slipped,) = [one for one in told["differences"] if one["stream"] == copy.stream]
    assert slipped["first"] == copy.inserted
    fits = {one["size"]: one["fits"] for one in told["codes"]}
    assert fits == {size: size < copy.edited for size in years.minutes}
    assert verified(copy.folder).stdout.endswith("ADA YANG BERBEDA.\n")
