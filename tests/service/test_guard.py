"""What no field of ours could mean is turned away before the schemas, and records nothing."""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from domain.beneficiary import Beneficiary
from service.api.guard import DEEPEST, LARGEST_JSON, LARGEST_UPLOAD
from service.office import Office
from tests.service.offices import VILLAGE, Asking

Client = Callable[[str], Asking]
PLACE = f'"village": "{VILLAGE}"'
BODY = {"village": VILLAGE, "name": "WKSBM Huyula"}


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def with_field(text: str) -> bytes:
    """A body that is good but for one field."""
    return f'{{{PLACE}, "name": "WKSBM Huyula", {text}}}'.encode("utf-8", "surrogatepass")


BAD: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "no JSON": (b"{", 400),
    "two documents": (b"{} {}", 400),
    "a list": (b"[]", 422),
    "a number": (b"1", 422),
    "a text": (b'"x"', 422),
    "null": (b"null", 422),
    "not UTF-8": (b'{"name": "\xff\xfe"}', 400),
    "UTF-16": (json.dumps(BODY).encode("utf-16"), 400),
    "nested too deep": (with_field(f'"x": {nested(DEEPEST)}'), 400),
    "nested a thousand deep": (with_field(f'"x": {nested(1000)}'), 400),
    "nested a hundred thousand deep": (nested(100_000).encode(), 400),
    "deep in objects": (with_field('"x": ' + '{"a":' * 30 + "1" + "}" * 30), 400),
    "an integer beyond 53 bits": (with_field('"x": 9007199254740992'), 400),
    "a negative one": (with_field('"x": -9007199254740992'), 400),
    "an integer beyond 64 bits": (with_field('"x": 18446744073709551616'), 400),
    "an integer of four thousand digits": (with_field(f'"x": {"9" * 4000}'), 400),
    "a fraction": (with_field('"x": 1.5'), 400),
    "a fraction that is whole": (with_field('"x": 1.0'), 400),
    "an exponent": (with_field('"x": 1e3'), 400),
    "NaN": (with_field('"x": NaN'), 400),
    "Infinity": (with_field('"x": -Infinity'), 400),
    "a key twice": (with_field('"name": "WKSBM Ambu"'), 400),
    "a key twice in two spellings of one letter": (with_field('"caf\u00e9": 1, "cafe\u0301": 2'), 400),
    "a key twice deep inside": (with_field('"evidence": [{"kind": "sk", "kind": "foto"}]'), 400),
    "NUL in a text": (with_field('"hamlet": "a\\u0000b"'), 400),
    "NUL in a key": (with_field('"a\\u0000": 1'), 400),
    "a bell": (with_field('"hamlet": "a\\u0007b"'), 400),
    "half a character, escaped": (with_field('"hamlet": "a\\ud800b"'), 400),
    "the other half": (with_field('"hamlet": "\\udfff"'), 400),
    "half a character in a key": (with_field('"\\ud800": 1'), 400),
    "half a character in raw bytes": (with_field('"hamlet": "\ud800"'), 400),
    "an unknown field": (with_field('"entah": 1'), 422),
    "too large": (with_field(f'"hamlet": "{"a" * LARGEST_JSON}"'), 413),
    "blank": (with_field('"hamlet": "   "'), 422),
    "too long a text": (with_field(f'"hamlet": "{"a" * 201}"'), 422),
    "null where a text is due": (b'{"village": null, "name": "x"}', 422),
    "a number where a text is due": (with_field('"hamlet": 5'), 422),
    "a BPS number for a village": (b'{"village": "7502010001", "name": "x"}', 422),
    "a village that is not": (b'{"village": "75.01.99.2999", "name": "x"}', 422),
    "a day that is not": (with_field('"on": "2025-02-30"'), 422),
    "a day of the far future": (with_field('"on": "9999-12-31"'), 422),
    "the year one": (with_field('"on": "0000-01-01"'), 422),
}


def sent(who: Asking, data: bytes, path: str = "/api/v1/wksbm", content_type: str = "application/json") -> Any:
    return who.client.post(path, data=data, content_type=content_type, headers={"Authorization": f"Bearer {who.token}"})


@pytest.mark.parametrize("name", BAD)
def test_a_bad_body_gets_a_problem_and_records_nothing(office: Office, client: Client, name: str) -> None:
    who, (data, status) = client("supervisor"), BAD[name]
    head = office.reader.head()[0]
    answer = sent(who, data)
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == status
    assert office.reader.head()[0] == head
    assert office.database.rows("SELECT count(*) FROM commands WHERE name = 'wksbm.initiate'") == [(0,)]


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ('"hamlet": "a\\u0000b"', {"hamlet": ["Ada huruf yang tidak dapat dipakai."]}),
        ('"hamlet": 9007199254740992', {"hamlet": ["Angka ini terlalu besar."]}),
        ('"hamlet": 1.5', {"hamlet": ["Tulis bilangan bulat."]}),
        (
            '"evidence": [{"kind": "sk"}, {"kind": "\\udfff"}]',
            {"evidence": {"1": {"kind": ["Ada huruf yang tidak dapat dipakai."]}}},
        ),
        ('"name": "WKSBM Ambu"', {"name": ["Isian ini tertulis dua kali."]}),
    ],
)
def test_what_the_guard_turns_away_is_named_by_its_field(client: Client, text: str, errors: Any) -> None:
    told = sent(client("supervisor"), with_field(text)).get_json()
    assert told["errors"]["json"] == errors
    assert "\x00" not in str(told)


def test_a_bad_parameter_is_named(client: Client) -> None:
    told = client("supervisor").get("/api/v1/villages", on="2026\x00").get_json()
    assert (told["status"], list(told["errors"]["query"])) == (400, ["on"])


def test_a_parameter_given_twice_is_refused(client: Client) -> None:
    told = client("supervisor").get("/api/v1/villages?as_of=1&as_of=2").get_json()
    assert (told["status"], told["errors"]["query"]) == (400, {"as_of": ["Isian ini tertulis dua kali."]})


def test_what_is_just_within_the_limits_is_taken(office: Office, client: Client) -> None:
    who = client("supervisor")
    padding = b" " * (LARGEST_JSON - len(json.dumps(BODY)) - 10)
    assert sent(who, json.dumps(BODY).encode() + padding).status_code == 201
    assert sent(who, json.dumps({**BODY, "hamlet": "a" * 200}).encode()).status_code == 201
    assert sent(who, json.dumps({**BODY, "hamlet": "Dusun \U0001f33e"}).encode()).status_code == 201
    assert (
        sent(who, with_field(f'"x": {nested(DEEPEST - 1)}')).status_code == 422
    )  # the field is unknown, the depth fine


def test_texts_are_kept_in_one_normal_form(office: Office, client: Client) -> None:
    who = client("supervisor")
    apart = unicodedata.normalize("NFD", "Désa Ñuyula")
    wksbm = who.done("/api/v1/wksbm", {**BODY, "name": apart})["id"]
    assert who.data(f"/api/v1/wksbm/{wksbm}")["name"] == "Désa Ñuyula"
    worker = client("tksk")
    identity = {"name": unicodedata.normalize("NFD", "Renée Gobel")}
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": identity}
    person = worker.done("/api/v1/beneficiaries", body)["id"]
    sealed = office.log.load(Beneficiary, person).identity
    assert sealed is not None
    assert office.vault.open([sealed.part])[sealed.part]["identity"]["name"] == "Renée Gobel"


def test_signs_that_turn_what_is_read_around_are_not_kept(client: Client) -> None:
    who = client("supervisor")
    turned = "".join(("\u202eDesa", " \u2067Nuyula\u2069", *map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))))
    wksbm = who.done("/api/v1/wksbm", {**BODY, "name": turned})["id"]
    assert who.data(f"/api/v1/wksbm/{wksbm}")["name"] == "Desa Nuyula"


@pytest.mark.parametrize(
    "blank",
    ["\ufeff", "\u115f", "\u1160\u3164", "\uffa0", "\u2800", "\u200b\u200d\u2060", "\u202e", " \u00ad", "\u034f\ufe0f"],
)
def test_a_text_that_nobody_can_see_is_blank(client: Client, blank: str) -> None:
    identity = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": blank}}
    for who, address, body in (
        (client("supervisor"), "/api/v1/wksbm", {**BODY, "name": blank}),
        (client("tksk"), "/api/v1/beneficiaries", identity),
    ):
        assert sent(who, json.dumps(body).encode(), address).status_code == 422
    assert sent(client("supervisor"), json.dumps({**BODY, "name": f"{blank}é"}).encode()).status_code == 201


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/xml",
        "application/octet-stream",
    ],
)
def test_only_json_is_read_as_a_command(office: Office, client: Client, content_type: str) -> None:
    who, head = client("supervisor"), office.reader.head()[0]
    for data in (json.dumps(BODY).encode(), b"village=75.01.02.2011&name=WKSBM"):
        answer = sent(who, data, content_type=content_type)
        assert answer.status_code == 415
        assert answer.content_type == "application/problem+json"
    assert office.reader.head()[0] == head


def test_a_body_that_hides_its_length_is_read_no_further_than_the_limit(client: Client) -> None:
    who = client("supervisor")
    body = _Endless()
    headers = {"Authorization": f"Bearer {who.token}", "Transfer-Encoding": "chunked"}
    environ = create_environ("/api/v1/wksbm", method="POST", content_type="application/json", headers=headers)
    environ |= {"wsgi.input": body, "wsgi.input_terminated": True}
    answer, status, sent_headers = run_wsgi_app(who.client.application, environ)
    assert status[:3] in ("400", "413"), b"".join(answer)  # cut off at the limit it is no JSON any more
    assert sent_headers["Content-Type"] == "application/problem+json"
    assert body.given < 2 * LARGEST_JSON


class _Endless(io.RawIOBase):
    """A body without an end."""

    given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), 65536)
        self.given += size
        buffer[:size] = b" " * size
        return size


def test_a_file_may_be_larger_but_not_without_end(client: Client) -> None:
    who = client("supervisor")
    wksbm = who.done("/api/v1/wksbm", BODY)["id"]
    path = f"/api/v1/files?subject={wksbm}"
    assert sent(who, b"%PDF" + b"x" * (2 * LARGEST_JSON), path, "application/pdf").status_code == 201
    assert sent(who, b"x" * (LARGEST_UPLOAD + 1), path, "application/pdf").status_code == 413
    assert sent(who, b"x", path, "text/html").status_code == 415


@pytest.mark.parametrize("query", ["village=%00", "village=%ed%a0%80", "cursor=%00%00", "%00=1", "village=a%07"])
def test_addresses_are_guarded_too(client: Client, query: str) -> None:
    who = client("supervisor")
    answer = who.client.get(f"/api/v1/wksbm?{query}", headers={"Authorization": f"Bearer {who.token}"})
    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"


def test_a_batch_is_guarded_as_a_whole(office: Office, client: Client) -> None:
    who, head = client("supervisor"), office.reader.head()[0]
    inner = '{"key": "01a20a73-0ff7-7126-a1f2-5aefa7101cbd", "command": "wksbm.initiate", "body": %s}'
    for body in ('{"name": "a\\u0000"}', '{"a": 1, "a": 2}', nested(DEEPEST), '{"x": 1.5}'):
        assert sent(who, f'{{"items": [{inner % body}]}}'.encode(), "/api/v1/batch").status_code == 400
    assert sent(who, b'{"items": []}', "/api/v1/batch").status_code == 422
    many = json.dumps({"items": [json.loads(inner % "{}")] * 1001}).encode()
    assert sent(who, many, "/api/v1/batch").status_code == 422
    assert office.reader.head()[0] == head
