"""The board of all villages and the page of one, as pages."""

import re
from collections.abc import Callable
from html import unescape

from service.office import Office
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_boards import ratified
from tests.service.test_api_wksbm import NEXT_DOOR
from tests.service.web_pages import page

Client = Callable[[str], Asking]


def test_the_page_of_a_village_tells_in_short_who_serves_and_what_was_done(office: Office, client: Client) -> None:
    supervisor = client("supervisor")
    body = ratified(supervisor)
    at = f"/api/v1/wksbm/{body}"
    groups = []
    for name in ("Arisan Melati", "Majelis Nur", "Karang Taruna", "Paguyuban Huyula"):
        group = {"village": VILLAGE, "kind": "arisan", "name": name, "on": "2020-01-02"}
        groups.append(supervisor.done("/api/v1/kps", group)["id"])
        supervisor.done(f"{at}/members", {"kps": groups[-1], "on": "2020-01-02"})
    before = office.reader.head()[0]
    for day in range(1, 5):
        supervisor.done(f"{at}/activities", {"kind": "rapat", "participants": 10 + day, "on": f"2020-02-0{day}"})
    supervisor.done(f"{at}/funds-raised", {"amount": 750_000, "origin": "iuran", "on": "2020-03-01"})
    place = f"/desa/{VILLAGE}"
    shown = page(supervisor, place).partition("<article>")[2].partition("</article>")[0]
    assert "Yusuf Abdullah" in shown, "the chair of its board"
    assert len(set(re.findall(r"/kps/[0-9a-f-]{36}", shown))) == 3, "a few of its members"
    assert "dan lainnya" in shown
    assert re.findall(r"Kegiatan dilaporkan: [^,]*, diikuti (\d+) orang", shown)[:3] == ["14", "13", "12"]
    assert "diikuti 11 orang" not in shown
    assert "Dana Rp750.000 terkumpul" in shown
    assert f'href="/wksbm/{body}"' in shown.rpartition("<p>")[2], "the rest is one link away"
    then = page(supervisor, place, posisi=before)
    assert "Belum ada kegiatan yang dilaporkan" in then
    assert "Belum ada dana yang dicatat" in then


def test_the_filter_of_the_villages_is_folded_until_it_is_used(client: Client) -> None:
    supervisor = client("supervisor")
    folded, open_one = "<details ><summary>Saring", "<details open><summary>Saring"
    assert folded in page(supervisor, "/desa")
    for asked in ({"kecamatan": VILLAGE[:8]}, {"tahap": "sah"}, {"bukti": "ya"}):
        assert open_one in page(supervisor, "/desa", **asked)


def test_the_table_of_all_villages_comes_in_parts_and_every_number_of_it_is_a_link(
    office: Office, client: Client
) -> None:
    supervisor = client("supervisor")
    person(office)
    every = [row["name"] for row in supervisor.data("/api/v1/villages")]
    found: list[str] = []
    for part in ("", "2", "3", "99", "x"):
        shown = page(supervisor, "/desa", halaman=part)
        table = shown.partition("<tbody>")[2].partition("</tbody>")[0]
        names = [unescape(one) for one in re.findall(r'<th scope="row"><a[^>]*>([^<]*)</a>', table)]
        assert shown.count("<title>") == 1 + len(every), "the map is whole in every part"
        if part in ("", "2", "3"):
            found += names
        else:
            assert names == (every[140:] if part == "99" else every[:70])
        alone = set(re.findall(r'<td class="n">([^<]*)</td>', table))
        assert alone == {"0"}, "only nothing leads nowhere"
    assert found == every
    assert f'href="/mengapa/board.people.tier_1?village={VILLAGE}">1</a>' in page(supervisor, "/desa")
    assert 'aria-current="page">141–205' in page(supervisor, "/desa", halaman="3")
    assert "Bagian daftar" not in page(supervisor, "/desa", tahap="sah"), "what fits is not parted"


def test_what_is_lacking_combines_and_stays_in_every_link(client: Client) -> None:
    supervisor = client("supervisor")
    ratified(supervisor, term_until="2099-01-01")
    ratified(supervisor, NEXT_DOOR, term_until="2021-01-01")
    assert listed(page(supervisor, "/desa", kegiatan="ya")) == [VILLAGE, NEXT_DOOR]
    both = page(supervisor, "/desa", sk_berakhir="ya", kegiatan="ya")
    assert listed(both) == [NEXT_DOOR]
    assert 'name="sk_berakhir" value="ya" checked' in both
    assert 'name="bukti" value="ya" >' in both
    assert both.count("s-sah") == 2, "one on the map, one in its legend"
    assert listed(page(supervisor, "/desa", sk_berakhir="ya", kegiatan="ya", tahap="dirintis")) == []
    unproven = page(supervisor, "/desa", bukti="ya")
    assert listed(unproven) == [VILLAGE, NEXT_DOOR]
    assert 'type="hidden" name="bukti" value="ya"' in unproven, "another day keeps the filter"


def listed(html: str) -> list[str]:
    """The villages of the table, by their codes."""
    return re.findall(r'<th scope="row"><a href="/desa/([\d.]+)"', html)


def test_of_one_village_there_is_no_map_and_of_few_a_small_one(office: Office, client: Client) -> None:
    assert 'class="map' not in page(Asking(office, "kades", (VILLAGE,)), "/desa")
    drawn = re.search(
        r'<svg class="map" viewBox="(\d+) (\d+) (\d+) \d+" width="([\d.]+)"', page(client("tksk"), "/desa")
    )
    assert drawn, "its size follows from how many there are"
    left, width = int(drawn[1]), int(drawn[3])
    assert float(drawn[4]) == width * 1.5
    tiles = [int(x) for x in re.findall(r'<rect class="s-\w+" x="(\d+)"', page(client("tksk"), "/desa"))]
    assert left < min(tiles), "no edge of a tile is cut"
    assert max(tiles) + 24 < left + width


def test_what_a_dash_in_the_column_of_the_strictly_protected_means_is_told_to_whom_it_is_shown(client: Client) -> None:
    note = "Jumlah 1 sampai 4 ditulis –"
    assert note in page(client("kepala_dinas"), "/desa")
    assert note not in page(client("kades"), "/desa")


def test_everybody_who_signed_in_finds_the_page_for_the_public(client: Client) -> None:
    for role in ("kades", "pengurus_wksbm", "psm", "auditor"):
        assert '<a href="/publik">Halaman umum</a>' in page(client(role), "/")
