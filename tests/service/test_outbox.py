"""Envelopes of an outbox: recorded once however and by whomever they are handed in, and worthless when their device is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.test import TestResponse

from service.api.outbox import MEDIA_TYPE
from service.cli import main
from service.envelopes import Envelope, NotOurs, OutboxKey, Paper, Written, joined, split
from service.log.ids import new_id
from service.office import Office
from service.web import offline
from tests.service import photographs
from tests.service.offices import VILLAGE, Asking, application, settings_of
from tests.service.test_api_cases import opened, opening

Client = Callable[[str], Asking]
AT = "2026-03-04T09:15:00+08:00"
PICTURE = photographs.jpeg()


class Phone:
    """A phone that keeps an outbox for somebody, as the browser does."""

    def __init__(self, owner: Asking) -> None:
        self.owner, self.office = owner.person(), owner.office
        made = self.owner.post("/api/v1/offline-devices", {"label": "HP lapangan"})
        assert made.status_code == 201, made.get_data(as_text=True)
        self.secrets = made.get_json()
        self.id = self.secrets["id"]

    def entry(self, command: str, body: dict[str, Any], key: str = "", **more: Any) -> Envelope:
        written = Written(secret=self.secrets["secret"], at=AT, command=command, body=body, **more)
        return self.office.outbox_key.seal(self.id, key or new_id(), written)

    def picture(self, key: str, subject: str, content: bytes = PICTURE, **more: Any) -> Envelope:
        paper = Paper(**{"name": "foto.jpg", "type": "image/jpeg", "subject": subject, **more})
        written = Written(secret=self.secrets["secret"], at=AT, paper=paper)
        return self.office.outbox_key.seal(self.id, key, written, content)


def handed_in(office: Office, *envelopes: Envelope, cookie: str = "") -> list[dict[str, Any]]:
    """What becomes of envelopes that a stranger hands in, or a browser with a session."""
    client = application(office).test_client()
    if cookie:
        client.set_cookie("wahana-session", cookie)
    answer = client.post("/api/v1/outbox", data=joined(list(envelopes)), content_type=MEDIA_TYPE)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return list(answer.get_json()["results"])


def registering(**more: Any) -> dict[str, Any]:
    identity = {"name": "Rahma Hunawa", "sex": "P", "birth_date": "1951-02-03"}
    return {
        "village": VILLAGE,
        "kind": "person",
        "channel": "relawan",
        "identity": identity,
        "on": "2026-03-02",
        **more,
    }


def test_a_day_without_signal_arrives_once_and_in_order(office: Office, client: Client) -> None:
    phone = Phone(client("psm"))
    somebody, case, paper = new_id(), new_id(), new_id()
    outbox = [
        phone.picture(paper, somebody),
        phone.entry(
            "beneficiary.register",
            registering(id=somebody, evidence=[{"kind": "foto", "file": paper}]),
            key=somebody,
        ),
        phone.entry("case.open", opening(somebody, id=case), key=case),
    ]
    before = office.reader.head()[0]
    first = handed_in(office, *outbox)
    assert [one["status"] for one in first] == [201, 201, 201], first
    head = office.reader.head()[0]
    again = handed_in(office, *outbox)
    assert [one["status"] for one in again] == [200, 200, 200]
    assert [one["answer"] for one in again] == [one["answer"] for one in first]
    assert office.reader.head()[0] == head > before
    assert first[1]["answer"]["receipt"].startswith("wahana-receipt/v1")
    events = office.log.history(case)
    assert (events[0].source, events[0].device, str(events[0].on)) == ("offline", phone.id, "2026-03-02")
    assert office.files.open(paper)[1] == PICTURE
    assert client("psm").data(f"/api/v1/beneficiaries/{somebody}")["person"]["name"] == "Rahma Hunawa"


def test_one_that_is_refused_holds_up_no_other_and_tells_a_stranger_nothing(office: Office, client: Client) -> None:
    phone = Phone(client("psm"))
    twin = client("psm").done("/api/v1/beneficiaries", registering())["id"]
    outbox = [
        phone.entry("beneficiary.register", registering()),
        phone.entry("case.open", opening(twin)),
        phone.entry("case.open", {"beneficiary": twin}),
        phone.entry("tidak.ada", {}),
    ]
    told = handed_in(office, *outbox)
    assert [one["status"] for one in told] == [409, 201, 422, 422]
    assert "Rahma" not in str(told)
    assert not any("errors" in one for one in told)
    assert told[0]["detail"]
    signed_in = handed_in(office, outbox[0], outbox[2], cookie=phone.owner.token)
    assert twin in str(signed_in[0]["errors"])
    assert "channel" in signed_in[1]["errors"]
    other = client("tksk").person()
    assert not any("errors" in one for one in handed_in(office, outbox[0], cookie=other.token))


def test_an_envelope_opens_only_whole_and_under_its_own_ids(office: Office, client: Client) -> None:
    phone = Phone(client("psm"))
    case = opened(office, client("tksk"))
    good = phone.entry("case.raise_tier", {"tier": 2}, url={"stream": case})
    forged = [
        Envelope(good.device, new_id(), good.box),
        Envelope(new_id(), good.entry, good.box),
        *(Envelope(good.device, good.entry, good.box[:at] + bytes([good.box[at] ^ 1]) + good.box[at + 1 :]) for at in
          range(0, len(good.box), 7)),
        OutboxKey(b"another office").seal(good.device, good.entry, Written(secret="", at=AT)),
    ]  # fmt: skip
    assert {one["rule"] for one in handed_in(office, *forged)} == {"envelope_not_ours"}
    stolen = office.outbox_key.seal(phone.id, new_id(), Written(secret="tebakan", at=AT, command="case.open"))
    assert handed_in(office, stolen)[0]["rule"] == "device_unknown"
    with pytest.raises(NotOurs):
        OutboxKey(b"k" * 32).open(good)
    bound = joined([good])
    assert list(split(bound)) == [good]
    web = application(office).test_client()
    for broken in (b"", bound[:-1], bound + b"\0", b"PK" + bound):
        answer = web.post("/api/v1/outbox", data=broken, content_type=MEDIA_TYPE)
        assert answer.status_code in (409, 422)
        assert answer.get_json()["rule"] == "not_an_outbox", broken
    assert web.post("/api/v1/outbox", json={}).status_code == 415


def test_nobody_records_by_an_outbox_what_she_may_not(office: Office, client: Client) -> None:
    phone, village_head = Phone(client("psm")), Phone(client("kades"))
    somebody = client("psm").done("/api/v1/beneficiaries", registering())["id"]
    told = handed_in(
        office,
        village_head.entry("case.open", opening(somebody)),
        phone.entry("account.open", {"login": "saya-admin", "name": "Saya"}),
        phone.entry("case.open", opening(somebody, source="api", device="lain")),
    )
    assert [one["status"] for one in told] == [403, 403, 201]
    assert office.log.history(told[2]["answer"]["id"])[0].device == phone.id


def test_an_outbox_is_imported_from_a_file(office: Office, client: Client, tmp_path: Path, monkeypatch: Any) -> None:
    phone = Phone(client("psm"))
    key = new_id()
    file = tmp_path / "kotak.wahana"
    file.write_bytes(
        joined([phone.entry("beneficiary.register", registering(id=key), key=key), phone.entry("x.y", {})])
    )
    for name, value in settings_of(Path(), office.config.database_url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WAHANA_KEYS_URL", office.config.keys_url)
    for status in (201, 200):
        ran = CliRunner().invoke(main, ["import-outbox", str(file)])
        assert ran.exit_code == 1, ran.output
        assert f"{key}  {'recorded' if status == 201 else 'recorded before'}\n" in ran.output
    assert "refused" in ran.output


def test_a_file_that_was_carried_is_uploaded_on_a_page(office: Office, client: Client) -> None:
    phone, clerk = Phone(client("psm")), client("tksk").person()
    somebody, papers = new_id(), [new_id() for _ in range(3)]
    large = b"%PDF-1.7\n" + b"x" * 900_000
    outbox = [phone.picture(one, somebody, large, type="application/pdf") for one in papers]
    evidence = [{"kind": "foto", "file": one} for one in papers]
    outbox.append(phone.entry("beneficiary.register", registering(id=somebody, evidence=evidence), key=somebody))
    web = application(office).test_client()
    web.set_cookie("wahana-session", clerk.token)

    def uploaded(content: bytes) -> TestResponse:
        head = b'--batas\r\nContent-Disposition: form-data; name="berkas"; filename="kotak.wahana"\r\n\r\n'
        return web.post(
            "/kotak-keluar/berkas",
            data=head + content + b"\r\n--batas--\r\n",
            content_type="multipart/form-data; boundary=batas",
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    for word in ("Tercatat", "Sudah tercatat sebelumnya"):
        answer = uploaded(joined(outbox))
        assert answer.status_code == 200
        assert answer.get_data(as_text=True).count(word) >= 4
    assert office.log.history(somebody)[0].by == phone.owner.account
    assert uploaded(b"foto").status_code == 422


def test_what_the_outbox_says_is_made_once_for_each_language_however_often_it_is_asked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    render = offline.render_template

    def rendered(template: str, **values: Any) -> str:
        made.append(template)
        return render(template, **values)

    monkeypatch.setattr(offline, "render_template", rendered)
    offline._words.cache_clear()
    stranger, said = application(office).test_client(), {}
    for language in ("id", "en", "id", "en"):
        stranger.set_cookie("wahana-bahasa", language)
        page = stranger.get("/kotak-keluar").get_data(as_text=True)
        [address] = re.findall(r'src="(/kotak-keluar/isian.js[^"]*)"', page)
        answer = stranger.get(address)
        assert "immutable" in answer.headers["Cache-Control"], "the address names this very content"
        assert said.setdefault(language, answer.data) == answer.data
    assert made.count("outbox_words.html") == 2
    assert "waiting" in said["en"].decode()
    assert "menunggu" in said["id"].decode()
    assert said["id"] != said["en"]


def test_rubbish_in_a_good_envelope_is_refused_like_any_other(office: Office, client: Client) -> None:
    phone, somebody = Phone(client("psm")), new_id()
    long = {"stream": "x" * 81}
    rubbish = [
        phone.entry("case.raise_tier", {"tier": 2}, url={"stream": "a\0b"}),
        phone.entry("case.raise_tier", {"tier": 2}, url=long),
        phone.entry("case.raise_tier", {"tier": 2}, url={"nothing": somebody}),
        phone.entry("case.raise_tier", {"tier": 2**60}, url={"stream": somebody}),
        phone.entry("case.open", {"story": "a\0b"}),
        phone.entry("case.open", {}, base=-1),
        phone.picture(new_id(), "bukan-uuid"),
        phone.picture(new_id(), somebody, stream="a\0b"),
        phone.picture(new_id(), somebody, b""),
    ]
    told = handed_in(office, *rubbish)
    assert all(one["status"] in (409, 415, 422) for one in told), told
    many = joined([rubbish[0]] * 2001)
    answer = application(office).test_client().post("/api/v1/outbox", data=many, content_type=MEDIA_TYPE)
    assert answer.get_json()["rule"] == "outbox_too_long"
