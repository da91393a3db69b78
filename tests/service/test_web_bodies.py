"""The pages of a WKSBM: what it lacks, in words, and its groups, chosen from those of the village."""

from __future__ import annotations

import re
from collections.abc import Callable

from service.web import words
from tests.service.offices import VILLAGE, Asking
from tests.service.web_office import filled, page, told

Client = Callable[[str], Asking]


def group(who: Asking, name: str, village: str = VILLAGE) -> str:
    return str(who.done("/api/v1/kps", {"village": village, "kind": "arisan", "name": name})["id"])


def offered(html: str) -> set[str]:
    """The groups that a form offers."""
    return set(re.findall(r'<option value="[0-9a-f-]{36}">([^<]+)</option>', html))


def test_what_is_lacking_for_the_decree_is_said_in_the_language_of_the_page(client: Client) -> None:
    head = client("kades")
    wksbm = head.done("/api/v1/wksbm", {"village": VILLAGE, "name": "Huyula"})["id"]
    lacking = "masih kurang: musyawarah dengan jumlah hadir, pembentukan, pengurus"
    assert lacking in told(page(head, f"/wksbm/{wksbm}"))
    assert lacking in told(page(head, f"/desa/{VILLAGE}"))
    head.client.set_cookie(words.COOKIE, "en")
    assert "musyawarah with the number attending" in told(page(head, f"/wksbm/{wksbm}"))


def test_a_group_joins_and_leaves_by_its_name(client: Client) -> None:
    head, neighbour = client("kades"), client("supervisor")
    wksbm = head.done("/api/v1/wksbm", {"village": VILLAGE, "name": "Huyula"})["id"]
    joins = f"/catat/wksbm.join_kps?stream={wksbm}"
    assert offered(page(head, joins)) == set()
    assert 'name="kps"' not in page(head, f"/catat/wksbm.identify_kps?stream={wksbm}"), "nobody types a number"
    melati, ended = group(head, "Melati"), group(head, "Sudah bubar")
    group(head, "Mawar")
    group(neighbour, "Tetangga", "75.01.02.2014")
    head.done(f"/api/v1/kps/{ended}/ending")
    assert offered(page(head, joins)) == {"Melati", "Mawar"}
    assert filled(head, joins, kps=melati).status_code == 303
    assert offered(page(head, joins)) == {"Mawar"}
    html = page(head, f"/wksbm/{wksbm}")
    [leaves] = re.findall(r'href="(/catat/wksbm.leave_kps[^"]*)"', html)
    assert filled(head, leaves).status_code == 303
    html = page(head, f"/wksbm/{wksbm}")
    assert "Melati , Arisan keluar" in told(html)
    assert "wksbm.leave_kps" not in html
    assert offered(page(head, joins)) == {"Melati", "Mawar"}
    ticked = filled(head, f"/catat/wksbm.identify_kps?stream={wksbm}", found="2", kps=melati)
    assert ticked.status_code == 303
