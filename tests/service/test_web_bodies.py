"""The pages of a WKSBM: what it lacks, in words, and its groups, chosen from those of the village."""

from __future__ import annotations

import re
from collections.abc import Callable

from service.web import words
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_wksbm import begun, formed
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


def test_a_decree_is_not_offered_as_a_step_before_nothing_is_lacking(client: Client) -> None:
    """One that was issued already may be recorded late: its form stays within reach, behind what is lacking."""
    head, supervisor = client("kades"), client("supervisor")
    wksbm = begun(head)
    folded = r"(?s)masih kurang:.*?<summary>SK-nya sudah terbit\?</summary>.*?/catat/wksbm\.ratify\?"
    for shown in (page(head, f"/wksbm/{wksbm}"), page(head, f"/desa/{VILLAGE}")):
        assert re.search(folded, shown)
        assert shown.count("/catat/wksbm.ratify?") == 1
        assert buttons(shown)["ratify"], "never the next step"
    assert "SK-nya sudah terbit?" not in page(client("psm"), f"/wksbm/{wksbm}"), "who may not record one"
    at = f"/api/v1/wksbm/{wksbm}"
    supervisor.done(f"{at}/socializations", {"attendance": 12})
    supervisor.done(f"{at}/kps-identifications", {"found": 1})
    supervisor.done(f"{at}/deliberations", {"attendance": 12})
    supervisor.done(f"{at}/formation", {"on": "2026-01-05"})
    members = [{"office": office, "name": name} for office, name in (("ketua", "Y"), ("sekretaris", "R"))]
    supervisor.done(f"{at}/board", {"members": members, "term_from": "2026-01-05"})
    ready = page(head, f"/wksbm/{wksbm}")
    assert buttons(ready)["ratify"] == "", "the next step"
    assert "SK-nya sudah terbit?" not in ready
    assert "register_at_office" not in buttons(ready), "the office registers"
    assert "register_at_office" in buttons(page(supervisor, f"/wksbm/{wksbm}"))


def test_money_given_out_is_offered_without_any_that_came_in_and_says_why(client: Client) -> None:
    head = client("kades")
    wksbm, why = begun(head), "Dana keluar boleh melebihi dana masuk yang tercatat"
    poor = page(head, f"/wksbm/{wksbm}")
    assert "distribute_funds" in buttons(poor)
    assert why in poor
    assert why not in page(client("psm"), f"/wksbm/{wksbm}")
    head.done(f"/api/v1/wksbm/{wksbm}/funds-raised", {"amount": 50_000, "origin": "iuran"})
    assert why not in page(head, f"/wksbm/{wksbm}")


def test_a_group_joins_and_leaves_by_its_name(client: Client) -> None:
    head, neighbour = client("kades"), client("supervisor")
    wksbm = head.done("/api/v1/wksbm", {"village": VILLAGE, "name": "Huyula"})["id"]
    joins = f"/catat/wksbm.join_kps?stream={wksbm}"
    empty = page(head, f"{joins}&kembali=/wksbm/{wksbm}")
    assert offered(empty) == set()
    assert re.search(rf'/catat/kps\.register\?[^"]*village={re.escape(VILLAGE)}"', empty)
    assert f'<a href="/wksbm/{wksbm}">Kembali</a>' in empty
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


def buttons(html: str) -> dict[str, str]:
    """The commands that a page of a WKSBM offers, with how each looks."""
    found = re.findall(r'class="([^"]*)" href="/catat/wksbm\.(\w+)', html)
    return {command: look for look, command in found}


def test_a_body_is_offered_only_what_fits_how_it_stands(client: Client) -> None:
    head = client("supervisor")
    first = buttons(page(head, f"/wksbm/{begun(head)}"))
    assert first.keys().isdisjoint({"end_board_term", "reactivate", "find_dormant", "assess", "register_at_office"})
    assert first["hold_socialization"] == "", "the next step"
    assert [command for command, look in first.items() if not look] == ["hold_socialization"]
    wksbm = formed(head, "75.01.02.2014")
    assert {"find_dormant", "assess", "register_at_office"} < buttons(page(head, f"/wksbm/{wksbm}")).keys()
    head.done(f"/api/v1/wksbm/{wksbm}/dormancy", {"signals": ["tanpa_kegiatan"]})
    asleep = buttons(page(head, f"/wksbm/{wksbm}"))
    assert "reactivate" in asleep
    assert "find_dormant" not in asleep
