"""Pages: the door, the date control, the forms, and that they tell nobody more than the API does."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from service.api.commands import COMMANDS
from service.log.ids import new_id
from service.office import Office
from service.web import tiles, titles, words
from service.web.frame import STATIC
from tests.service.offices import PASSWORD, VILLAGE, Asking, person
from tests.service.test_api_boards import ratified
from tests.service.test_api_cases import opened

Client = Callable[[str], Asking]


def seen(asking: Asking, path: str, **query: Any) -> str:
    """The text of a page that must be there."""
    answer = asking.client.get(
        path, query_string=query, headers={"Authorization": f"Bearer {asking.token}", "Accept": "text/html"}
    )
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def sent(asking: Asking, path: str, **fields: str) -> Any:
    """The answer to a form, filled in over what the page itself holds."""
    page = seen(asking, path)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return asking.client.post(
        path, data={**hidden, **fields}, headers={"Authorization": f"Bearer {asking.token}", "Accept": "text/html"}
    )


def test_whoever_is_not_signed_in_is_sent_to_the_door_and_back(client: Client) -> None:
    worker = client("tksk").person()
    stranger = worker.client.application.test_client()
    answer = stranger.get("/desa?tahap=sah", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    where = urlsplit(answer.headers["Location"])
    assert (where.path, parse_qs(where.query)["lanjut"]) == ("/masuk", ["/desa?tahap=sah"])
    door = stranger.get(answer.headers["Location"]).get_data(as_text=True)
    assert 'value="/desa?tahap=sah"' in door
    login = {"login": worker.login, "password": PASSWORD, "lanjut": "/desa?tahap=sah"}
    wrong = stranger.post("/masuk", data={**login, "password": "salah"})
    assert (wrong.status_code, worker.login in wrong.get_data(as_text=True)) == (401, True), "what was typed stays"
    assert "salah" not in re.sub(r"Nama masuk atau kata sandi salah", "", wrong.get_data(as_text=True))
    entered = stranger.post("/masuk", data=login)
    assert (entered.status_code, entered.headers["Location"]) == (303, "/desa?tahap=sah")
    assert stranger.get("/desa").status_code == 200


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", ""])
def test_the_door_leads_to_no_other_host(client: Client, onward: str) -> None:
    worker = client("tksk").person()
    answer = worker.client.application.test_client().post(
        "/masuk", data={"login": worker.login, "password": PASSWORD, "lanjut": onward}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_form_of_another_site_records_nothing(office: Office, client: Client) -> None:
    worker = client("tksk").person()
    browser = worker.client.application.test_client()
    browser.post("/masuk", data={"login": worker.login, "password": PASSWORD})
    head = office.reader.head()[0]
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = browser.post("/catat/wksbm.initiate", data={"village": VILLAGE, "name": "Curian"}, headers=headers)
        assert answer.status_code == 403
    assert office.reader.head()[0] == head


def test_pages_carry_the_headers_and_are_compressed(client: Client) -> None:
    supervisor = client("supervisor")
    headers = {"Authorization": f"Bearer {supervisor.token}", "Accept-Encoding": "gzip"}
    answer = supervisor.client.get("/desa", headers=headers)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 12_000
    text = gzip.decompress(answer.data).decode()
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"\son\w+=|style=|<script>|javascript:|https?://(?!www\.w3\.org)", text)
    assert text.count("<rect") >= 205, "a tile for every village"


def test_a_script_travels_without_its_comments_and_is_otherwise_the_same(client: Client) -> None:
    who = client("supervisor")
    for name in ("drafts.js", "offline/core.js", "vendor/htmx.min.js"):
        packed = who.client.get(f"/static/{name}", headers={"Accept-Encoding": "gzip"})
        sent = Counter(gzip.decompress(packed.data).decode().splitlines())
        written = Counter((STATIC / name).read_text("utf-8").splitlines())
        assert sent <= written
        assert ("vendor" in name) == (sent == written)
        assert not [one for one in sent if re.match(r"\s*(//|/\*)", one)]
        assert not [one for one in written - sent if one.endswith((";", "{", "}"))], "nothing but comments"


def test_the_first_view_weighs_little(client: Client) -> None:
    supervisor = client("supervisor")
    headers = {"Authorization": f"Bearer {supervisor.token}", "Accept-Encoding": "gzip"}
    page = supervisor.client.get("/", headers=headers)
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', gzip.decompress(page.data).decode())
    parts = [supervisor.client.get(part, headers={"Accept-Encoding": "gzip"}) for part in found]
    assert len(parts) >= 4
    assert all("immutable" in part.headers["Cache-Control"] for part in parts)
    assert len(page.data) + sum(len(part.data) for part in parts) < 60_000


def test_the_date_control_shows_what_the_api_tells_of_that_day(office: Office, client: Client) -> None:
    supervisor = client("supervisor")
    before = office.reader.head()[0]
    body = ratified(supervisor)
    now, then = seen(supervisor, f"/desa/{VILLAGE}"), seen(supervisor, f"/desa/{VILLAGE}", posisi=before)
    assert ("WKSBM Huyula" in now, "WKSBM Huyula" in then) == (True, False)
    assert "belum punya WKSBM" in then
    assert "/catat/" in now
    assert "/catat/" not in then, "nothing is recorded in the past"
    assert f"posisi={before}" in then, "links keep the moment"
    absent = supervisor.client.get(
        f"/wksbm/{body}?per=2026-01-01", headers={"Authorization": f"Bearer {supervisor.token}"}
    )
    assert absent.status_code == 404, "it was not known then"
    wrong = supervisor.client.get("/desa?per=kemarin", headers={"Authorization": f"Bearer {supervisor.token}"})
    assert wrong.status_code == 422


def test_a_form_records_and_its_receipt_can_be_shown(office: Office, client: Client) -> None:
    supervisor = client("supervisor")
    answer = sent(supervisor, "/catat/wksbm.initiate", village=VILLAGE, name="WKSBM Mawar")
    assert answer.status_code == 303
    where = urlsplit(answer.headers["Location"])
    assert "WKSBM Mawar" in seen(supervisor, where.path)
    command = parse_qs(where.query)["tercatat"][0]
    assert "wahana" in seen(supervisor, f"/tanda-terima/{command}")


def test_the_same_form_sent_twice_is_recorded_once(office: Office, client: Client) -> None:
    supervisor = client("supervisor")
    page = seen(supervisor, "/catat/wksbm.initiate")
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    data = {**hidden, "village": VILLAGE, "name": "WKSBM Melati"}
    headers = {"Authorization": f"Bearer {supervisor.token}"}
    first, again = (supervisor.client.post("/catat/wksbm.initiate", data=data, headers=headers) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert len(supervisor.data(f"/api/v1/villages/{VILLAGE}")["wksbm"]) == 1


def test_a_refusal_keeps_what_was_typed_and_says_why(client: Client) -> None:
    supervisor = client("supervisor")
    answer = sent(supervisor, "/catat/wksbm.initiate", village="75.01.99.2999", name="WKSBM Kenanga")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="WKSBM Kenanga"' in page
    assert "tidak ada dalam daftar wilayah" in page
    worker = client("psm")
    form = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity.name": "Rahma Ahmad Katili"}
    assert sent(worker, "/catat/beneficiary.register", **form, **{"identity.birth_year": "1950"}).status_code == 303
    doubt = sent(worker, "/catat/beneficiary.register", **form, **{"identity.birth_year": "1950"})
    assert doubt.status_code == 409
    assert "Rahma Ahmad Katili" in doubt.get_data(as_text=True)
    went_on = {**form, "identity.birth_year": "1950", "reason_to_go_on": "Saudara kembarnya"}
    assert sent(worker, "/catat/beneficiary.register", **went_on).status_code == 303


def test_script_in_a_name_stays_text(client: Client) -> None:
    supervisor, name = client("supervisor"), "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    answer = sent(supervisor, "/catat/wksbm.initiate", village=VILLAGE, name=name)
    page = seen(supervisor, urlsplit(answer.headers["Location"]).path)
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_every_command_has_a_title_and_a_form(client: Client) -> None:
    assert COMMANDS.keys() - titles.TITLES.keys() == set()
    assert titles.TITLES.keys() - COMMANDS.keys() == set()
    askers = [client(role) for role in ("supervisor", "peksos", "psm", "tksk", "admin", "dpo", "kepala_dinas")]
    shown = 0
    for command in COMMANDS:
        query = dict.fromkeys(("kps", "clearance", "grant", "reset", "family", "hold", "task"), "x")
        query["stream"] = new_id()
        more = dict.fromkeys(("plan", "visit", "code", "figure", "consent", "classification", "position"), "x")
        statuses = [
            one.client.get(
                f"/catat/{command}",
                query_string={**query, **more},
                headers={"Authorization": f"Bearer {one.token}"},
            ).status_code
            for one in askers
        ]
        assert set(statuses) <= {200, 303, 404}, (command, statuses)  # 303: to a form of its own
        shown += not {200, 303}.isdisjoint(statuses)
    assert shown > 125


def test_nobody_is_shown_a_form_that_is_not_hers(client: Client) -> None:
    for role, command in (("auditor", "wksbm.initiate"), ("kades", "account.open"), ("mitra", "beneficiary.register")):
        one = client(role)
        answer = one.client.get(f"/catat/{command}", headers={"Authorization": f"Bearer {one.token}"})
        assert answer.status_code in (403, 404), (role, command)


def test_the_map_has_one_tile_for_every_village_and_none_on_another() -> None:
    places = list(tiles._places().values())
    assert (len(places), len(set(places))) == (205, 205)


def test_a_village_that_the_map_does_not_know_stands_below_it() -> None:
    row = {"code": "75.01.02.2999", "name": "Baru", "stage": "sah", "kecamatan": "75.01.02", "kecamatan_name": "Telaga"}
    (tile,) = tiles.laid_out([row], [row]).tiles
    assert tile.y > max(place[1] for place in tiles._places().values()) * tiles.SIZE


def test_pages_speak_the_language_that_was_chosen(client: Client) -> None:
    browser = client("tksk").client.application.test_client()
    browser.post("/bahasa", data={"bahasa": "en", "lanjut": "/masuk"})
    door = browser.get("/masuk").get_data(as_text=True)
    assert '<html lang="en"' in door
    assert "Sign-in name" in door
    assert "Nama masuk" not in door
    browser.post("/bahasa", data={"bahasa": "xx", "lanjut": "/masuk"})
    assert '<html lang="en"' in browser.get("/masuk").get_data(as_text=True), "no other than the two"


def test_a_masked_name_is_masked_on_pages(office: Office, client: Client) -> None:
    she = person(office, tier=3)
    for role in ("kades", "auditor", "kepala_dinas"):
        one = client(role)
        answer = one.client.get(f"/warga/{she}", headers={"Authorization": f"Bearer {one.token}"})
        assert "Warga Uji" not in answer.get_data(as_text=True)


def test_asking_for_the_head_of_a_form_records_nothing(office: Office, client: Client) -> None:
    supervisor = client("supervisor")
    body, head = ratified(supervisor), office.reader.head()[0]
    for command in ("wksbm.end_board_term", "wksbm.initiate"):
        answer = supervisor.client.head(
            f"/catat/{command}", query_string={"stream": body}, headers={"Authorization": f"Bearer {supervisor.token}"}
        )
        assert (answer.status_code, answer.data) == (200, b"")
    assert office.reader.head()[0] <= head + 2, "no more than what was read"
    assert {event.topic for event in office.log.history(body)}.isdisjoint({"wksbm.board_term_ended"})


@pytest.mark.parametrize(
    "back", ["/\t/evil.example", "/\n/evil.example", "//evil.example", "https://evil.example", "javascript:1"]
)
def test_a_form_leads_back_to_no_other_host(client: Client, back: str) -> None:
    supervisor = client("supervisor")
    page = supervisor.client.get(
        "/catat/wksbm.initiate",
        query_string={"kembali": back},
        headers={"Authorization": f"Bearer {supervisor.token}"},
    )
    text = _told(page.get_data(as_text=True))
    assert "evil.example" not in text
    assert "javascript:1" not in text
    answer = sent(supervisor, "/catat/wksbm.initiate", village=VILLAGE, name="WKSBM Anyelir", kembali=back)
    assert answer.status_code in (303, 422)
    assert "evil" not in answer.headers.get("Location", "")


def _told(page: str) -> str:
    """A page without its own address, which it repeats for language and moment, and its key."""
    return re.sub(r'name="(lanjut|kunci)" value="[^"]*"|href="[^"]*posisi=\d+(&amp;per=[\d-]+)?"', "", page)


def test_a_link_fills_in_nobody_who_gets_to_see_somebody(client: Client, office: Office) -> None:
    worker, other = client("tksk"), Asking(office, "mitra").account
    case = opened(office, worker)
    page = seen(worker, "/catat/referral.submit", stream=case, destination_id=other, destination="RSUD")
    assert 'value="RSUD"' in page
    assert re.findall(f'<[^>]*"{other}"[^>]*>', _told(page)) == [f'<option value="{other}">'], "offered, and not chosen"


def test_a_record_that_is_hidden_refuses_a_form_like_one_that_is_not_there(client: Client, office: Office) -> None:
    hidden = opened(office, client("peksos"), tier=3)
    stranger = Asking(office, "tksk", ("75.01.01",))
    headers = {"Authorization": f"Bearer {stranger.token}", "Accept": "text/html"}
    told = []
    for stream in (hidden, new_id()):
        page = stranger.client.post(
            "/catat/case.change_risk",
            query_string={"stream": stream},
            data={"risk": "tinggi", "reason": "Sendiri"},
            headers=headers,
        )
        text = _told(page.get_data(as_text=True)).replace(stream, "?").replace(words.ending(stream), "?")
        told.append((page.status_code, text))
    assert told[0] == told[1]
    assert told[0][0] == 404


def test_letters_that_mean_nothing_are_left_out_of_forms_and_no_error(office: Office, client: Client) -> None:
    supervisor = client("supervisor")
    answer = sent(supervisor, "/catat/wksbm.initiate", village=VILLAGE, name="WKSBM\x0b Mawar\x00")
    assert answer.status_code == 303
    (body,) = supervisor.data("/api/v1/wksbm", village=VILLAGE)
    assert body["name"] == "WKSBM Mawar"
    stranger = supervisor.client.application.test_client()
    assert stranger.post("/masuk", data={"login": "a\x00b", "password": "x"}).status_code == 422


def test_whoever_enters_by_the_page_is_told_of_a_reset_of_her_account_once(office: Office, client: Client) -> None:
    worker = client("tksk").person()
    admin, other = client("admin"), Asking(office, "admin")
    reset = {"means": "password"}
    asked = admin.done(f"/api/v1/accounts/{worker.account}/resets", reset)
    one = next(row for row in admin.data("/api/v1/resets") if row["account"] == worker.account)
    assert asked
    assert other.post(f"/api/v1/accounts/{worker.account}/resets/{one['reset']}/refusal", {}).status_code < 300
    browser = worker.client.application.test_client()
    login = {"login": worker.login, "password": PASSWORD, "lanjut": "/desa"}
    first, second = browser.post("/masuk", data=login), browser.post("/masuk", data=login)
    assert (first.status_code, "Akun Anda dipulihkan" in first.get_data(as_text=True)) == (200, True)
    assert "Set-Cookie" in first.headers
    assert (second.status_code, second.headers["Location"]) == (303, "/desa")
