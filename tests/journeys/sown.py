"""An office in which everything was recorded, with texts of one's choosing; and the address of every page of it."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
import pytest

from service.api.commands import COMMANDS
from service.log.ids import new_id
from service.office import Office
from service.web.case_forms import FORMS
from tests.service import planting, test_canary
from tests.service.offices import VILLAGE, Asking, application
from tests.service.planting_field import DAY, Field
from tests.service.test_api_wksbm import MEMBERS
from tests.service.test_log_proofs import seal

SHORT, MUCH = 190, 2000
#: Places of addresses that hold neither the number of a record nor a village.
GIVEN = {
    "form": tuple(FORMS),
    "target": ("1",),
    "position": ("1", "12"),
    "code": (VILLAGE,),
    "role": ("psm", "auditor"),
}
#: Texts that must be those of another record, or numbers with rules of their own.
FIXED = frozenset({"nik", "kk", "login", "source", "device", "recipient"})
#: The noun whose records a page shows, by its address.
NOUNS = {
    "/warga/<id>": "beneficiary",
    "/kasus/<id>": "case",
    "/rujukan/<id>": "referral",
    "/wksbm/<id>": "wksbm",
    "/kps/<id>": "kps",
    "/psks/<id>": "psks",
    "/bencana/<id>": "incident",
    "/pengelolaan/akun/<id>": "account",
    "/pelindungan/permintaan/<id>": "subject_request",
    "/pelindungan/pemusnahan/<id>": "destruction",
    "/jejak/<id>": "",
    "/koreksi/<id>": "",
}
LATEST = "SELECT stream, topic FROM events WHERE version = 1 ORDER BY position"
FULLEST = """SELECT stream, topic FROM events JOIN (SELECT stream AS of, max(version) AS last FROM events GROUP BY stream)
  ON of = stream WHERE version = 1 ORDER BY last, position"""
#: Where a page shows records of any noun, whose are looked at.
OF_ANY = ("beneficiary", "case", "wksbm")


def is_text(field: ma.fields.Field[Any]) -> bool:
    """Whether people write what they like into a field: a text without a list, a pattern or another record behind it."""
    rules = field.validate if isinstance(field.validate, list | tuple) else [field.validate]
    plain = all(rule is None or isinstance(rule, ma.validate.Length) or not _closed(rule) for rule in rules)
    fixed = {"format", "pattern"} & set(field.metadata)
    return type(field) is ma.fields.String and plain and not fixed and not field.dump_only


def _closed(rule: Any) -> bool:
    return isinstance(rule, ma.validate.OneOf | ma.validate.Regexp) or "village" in getattr(rule, "__name__", "")


def texts_of(command: str) -> set[str]:
    """The ways to the fields of a command into which people write what they like."""

    def walk(schema: ma.Schema, path: str) -> Iterator[str]:
        for name, field in schema.fields.items():
            inner = field.inner if isinstance(field, ma.fields.List) else field
            if isinstance(inner, ma.fields.Nested):
                yield from walk(inner.schema, f"{path}{name}.")
            elif is_text(field) and name not in FIXED:
                yield path + name

    return set(walk(COMMANDS[command].schema, ""))


class Sown(Field):
    """An office in which every command was recorded, with ``texts`` in turn in every text that takes what one likes."""

    def __init__(self, folder: Path, texts: list[str], patch: pytest.MonkeyPatch, *, once: bool = False) -> None:
        self._once = once  # one text in each field, not as many as it takes
        self._texts, self.sown, self.refused = itertools.cycle(texts), Counter[tuple[str, str]](), Counter[str]()
        super().__init__(folder, "")
        for module in (planting, test_canary):
            patch.setattr(module, "text", self.short)
        for strict in (False, True):
            test_canary.a_life(self, strict=strict)
        test_canary.bodies_and_disasters(self)
        self._in_the_open()
        seal(self.office, folder)
        self.office.views.catch_up(bounded=False)

    def change_texts(self, texts: list[str]) -> None:
        self._texts = itertools.cycle(texts)

    def short(self) -> str:
        return self._fitting(SHORT)

    def _fitting(self, most: int) -> str:
        """As many of the next texts as a field takes."""
        found = ""
        for one in self._texts:
            if len(one) + 1 + len(found) <= most:
                found += f" {one}"
            elif found:
                break
            if found and self._once:
                break
        return found.strip()

    def do(
        self,
        command: str,
        body: dict[str, Any],
        *,
        who: Asking | None = None,
        strict: bool = False,
        seen: int | None = None,
        **url: str,
    ) -> str:
        """Record a command with a text in each field that takes one. ``seen`` is the version that its author knew."""
        who, schema = who or self.one, COMMANDS[command].schema
        filled = self._filled(
            schema, {**DAY, **planting.plant(command, body, self.planted, strict=strict)}, command, ""
        )
        if "evidence" in schema.fields and "evidence" not in body:
            kind = "berita_acara" if command.startswith("wksbm.") else "surat"
            filled["evidence"] = [{"kind": kind, "number": self.short()}]
            self.sown[command, "evidence.number"] += 1
        known = {"If-Match": f'"{seen}"'} if seen else {}
        answer = who.post(self.path(command, url), filled, **known)
        if answer.status_code != 201:
            self.refused[command] += 1
            raise AssertionError((command, filled.keys(), answer.get_data(as_text=True)[:600]))
        return str(answer.get_json()["id"])

    def _filled(self, schema: ma.Schema, body: dict[str, Any], command: str, path: str) -> dict[str, Any]:
        found = dict(body)
        for name, field in schema.fields.items():
            inner = field.inner if isinstance(field, ma.fields.List) else field
            if isinstance(inner, ma.fields.Nested) and name in body:
                many = isinstance(field, ma.fields.List)
                rows = body[name] if many else [body[name]]
                rows = [self._filled(inner.schema, row, command, f"{path}{name}.") for row in rows]
                found[name] = rows if many else rows[0]
            elif f"{path}{name}" in texts_of(command) and (name not in body or isinstance(body[name], str)):
                found[name] = self._fitting(min(MUCH, _most(field)))
                self.sown[command, path + name] += 1
        return found

    def _in_the_open(self) -> None:
        """What has no personal field, but a name or a number of the office."""
        paper = {"kind": "berita_acara", "number": "1/2026", "dated": "2026-03-01"}
        person = test_canary.registered(self)
        case = self.do("case.open", {"beneficiary": person, "channel": "surat", "urgency": "segera"})
        self.do("case.assign", {"worker": self.one.account}, stream=case)
        sent = {"destination_kind": "puskesmas", "need": "pemeriksaan", "destination": "x"}
        self.referral = self.do("referral.submit", sent, stream=case)
        asks = {"subject": person, "kind": "access", "asker": "wali", "channel": "surat"}
        request = self.do("subject_request.open", asks)
        self.do("subject_request.confirm_identity", {"how": "penetapan_wali"}, stream=request)
        wksbm = self.do("wksbm.initiate", {"village": VILLAGE, "name": "x"})
        self.do("wksbm.identify_kps", {"found": 0}, stream=wksbm)
        self.do("wksbm.hold_socialization", {"attendance": 20}, stream=wksbm)
        self.do("wksbm.hold_deliberation", {"attendance": 20, "evidence": [paper]}, stream=wksbm)
        self.do("wksbm.form", {"evidence": [paper]}, stream=wksbm)
        self.do("wksbm.appoint_board", {"members": MEMBERS, "term_from": "2026-03-01"}, stream=wksbm)
        decree = {"dated": "2026-03-01", "signatory_post": "kepala_desa", "term_until": "2031-02-28", "number": "x"}
        self.do("wksbm.ratify", {**decree, "signatory": "x", "evidence": [paper]}, stream=wksbm)
        self.do("wksbm.register_at_office", {}, stream=wksbm)
        psks = self.do("psks.register", {"kind": "psm", "name": "x", "village": VILLAGE})
        self.do("psks.offer_service", {"service": "rujukan"}, stream=psks)
        day = {"wksbm": [], "initiations": [{"id": new_id(), "village": "75.01.02.2014", "name": "x"}]}
        self.do("wksbm.hold_socialization_day", day)
        clerk = self.do("account.open", {"login": "petugas-lain", "name": "x"})
        self.do("account.grant_role", {"role": "auditor", "title": "x"}, stream=clerk)
        flood = {"kind": "banjir", "name": "x", "struck_on": "2026-03-01", "villages": [VILLAGE]}
        incident = self.do("incident.declare", flood)
        self.do("incident.report_figure", {"figure": "mengungsi", "number": 2, "reporter": "x"}, stream=incident)
        indicator = self.do("indicator.define", {"name": "x", "definition": "x"})
        self.do("indicator.set_target", {"year": 2026, "permille": 500, "reference": "x"}, stream=indicator)
        stated = {"permille": 100, "month": "2019-01", "wording": "x", "reference": "x"}
        self.do("indicator.state_baseline", stated, stream=indicator)
        renamed = {"edition": "x-1", "decree": "x", "valid_from": "2026-03-01", "code": "75.01.02.2015", "name": "x"}
        self.do("territory.rename", renamed)


def _most(field: ma.fields.Field[Any]) -> int:
    rules = field.validate if isinstance(field.validate, list | tuple) else [field.validate]
    return min((rule.max for rule in rules if isinstance(rule, ma.validate.Length) and rule.max), default=SHORT)


def rules_of(office: Office) -> list[str]:
    """Every address of a page that is asked for by GET."""
    app = application(office)
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in ("pages", "sign_in_page") and "GET" in (rule.methods or ())
        if not rule.rule.endswith((".webmanifest", ".js", ".svg", ".csv", ".txt", ".json"))
    )


def every_page(office: Office, who: Asking, *, each: int = 1, order: str = LATEST) -> dict[str, list[str]]:
    """Addresses of every page, by its rule, with up to ``each`` records of a noun, the last ones in their ``order``. Raises
    for a page that nobody thought of here: it is to be looked at like the others."""
    streams = defaultdict(list)
    for stream, topic in office.database.rows(order):
        streams[topic.partition(".")[0]].append(stream)
    commands = office.database.rows("SELECT id FROM commands WHERE account = :who LIMIT 1", who=who.account)
    found: dict[str, list[str]] = {}
    for rule in rules_of(office):
        if rule == "/catat/<command>":
            found[rule] = [_form(office, name, streams) for name in sorted(COMMANDS)]
            continue
        if rule.startswith("/mengapa/"):
            row = f"&row={streams['case'][0]}" if rule.endswith("/peristiwa") else ""
            found[rule] = [f"{rule.replace('<figure>', 'board.open_cases')}?village={VILLAGE}{row}"]
            continue
        places = re.findall(r"<(?:int:)?(\w+)>", rule)
        values: list[tuple[str, ...]] = []
        for place in places:
            if place == "id":
                noun = next(named for start, named in NOUNS.items() if rule.startswith(start))
                values.append(tuple(streams[noun][-each:] if noun else (streams[one][0] for one in OF_ANY)))
            elif place == "command":
                values.append(tuple(row[0] for row in commands))
            elif place == "size":
                latest = office.checkpoints.latest()
                values.append((str(latest.size if latest else 0),))
            elif place == "token":
                values.append((_token(who, max(streams["referral"])),))
            else:
                values.append(GIVEN[place])
        plain = re.sub(r"<(?:int:)?\w+>", "{}", rule)
        found[rule] = [plain.format(*chosen) for chosen in itertools.product(*values)]
        assert found[rule], rule
    of_cases = "/kasus/<id>/isi/<form>"
    plain = [one for one in found[of_cases] if not one.endswith("ubah-tugas")]
    found[of_cases] = [*plain, *(f"{one}?alat=umum" for one in plain if "asesmen" in one), _task(who, streams["case"])]
    return found


def _task(who: Asking, cases: list[str]) -> str:
    """The form in which a task is changed, of whichever case has one."""
    tasks = ((case, one) for case in reversed(cases) for one in who.data(f"/api/v1/cases/{case}")["tasks"])
    case, task = next((case, one["id"]) for case, one in tasks if one["kind"] == "task")
    return f"/kasus/{case}/isi/ubah-tugas?task={task}"


def _form(office: Office, command: str, streams: dict[str, list[str]]) -> str:
    noun = command.partition(".")[0]
    rules = {one.endpoint.rpartition(".")[2]: one.rule for one in application(office).url_map.iter_rules()}
    places = re.findall(r"<(?:\w+:)?(\w+)>", rules[command.replace(".", "_")])
    stream = (streams.get("case") if command == "referral.submit" else streams.get(noun)) or streams["beneficiary"]
    values = {name: stream[-1] if name == "stream" else new_id() for name in places}
    if noun == "record":
        values["target"] = "1"
    return f"/catat/{command}?{urlencode(values)}"


def _token(who: Asking, referral: str) -> str:
    page = who.client.get(f"/rujukan/{referral}/surat", headers={"Authorization": f"Bearer {who.token}"})
    found = re.search(r"/jawab/([^\"]+)", page.get_data(as_text=True))
    assert found, "the letter of an open referral has a link"
    return found[1]
