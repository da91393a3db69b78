"""An office in which every text that anybody wrote says everything that a careless page would run.

A field takes two thousand letters at most, many a hundred: no office can hold all payloads in each of its texts. So each
text begins with a mark of its own, and the API of the office, which every page and every device asks, tells all payloads
where the mark stood. Behind the mark stand as many payloads as the field takes, which went through command, log and vault.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.payloads import PAYLOADS
from tests.journeys.sown import Sown
from tests.service.offices import application
from tests.service.test_canary import registered

if TYPE_CHECKING:
    import marshmallow as ma
    from flask import Flask

MARK = re.compile(r"zq(\d{4,})zq")
ALL = " ".join(PAYLOADS)
#: What a page is made of besides pages: it answers no questions.
PAGES = ("pages.", "sign_in_page.", "static")


class Marked(Sown):
    """Everything was recorded in it, also what no command records: papers, devices, tokens and who signed in with what."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._numbers = itertools.count(1000)
        self.fields: dict[str, tuple[str, str]] = {}
        self.telling = False
        super().__init__(folder, PAYLOADS, patch)
        telling(application(self.office), self)

    def _fitting(self, most: int) -> str:
        mark = f"zq{next(self._numbers)}zq"
        room = most - len(mark) - 1
        return f"{mark} {super()._fitting(room)}" if room > 10 else mark

    def _filled(self, schema: ma.Schema, body: dict[str, Any], command: str, path: str) -> dict[str, Any]:
        found = super()._filled(schema, body, command, path)
        for name, value in found.items():
            if isinstance(value, str) and (mark := MARK.search(value)):
                self.fields.setdefault(mark[0], (command, path + name))
        return found

    def _in_the_open(self) -> None:
        super()._in_the_open()
        person = registered(self)
        letter = self._elsewhere("file name", 60).replace("\n", " ").encode("ascii", "replace").decode()
        headers = {"Authorization": f"Bearer {self.one.token}", "File-Name": letter}
        kept = self.one.client.post(
            f"/api/v1/files?subject={person}", data=b"Surat", content_type="text/plain", headers=headers
        )
        assert kept.status_code == 201, kept.get_data(as_text=True)
        paper = [{"kind": "surat", "number": "7/2026", "file": kept.get_json()["id"]}]
        opening = {"beneficiary": person, "channel": "surat", "urgency": "segera", "evidence": paper}
        self.do("case.open", opening)
        agent = (
            f"Mozilla/5.0 (Android) Chrome/126 {ALL}".encode("ascii", "replace").decode().translate({9: " ", 10: " "})
        )
        # Signed in once for all tests: an authenticator has three codes for as quick a machine as any.
        self.signed_in = here = self.one.person(**{"User-Agent": agent})
        assert here.post("/api/v1/offline-devices", {"label": self._elsewhere("device", 80)}).status_code == 201
        token = {"label": self._elsewhere("token", 80), "days": 30, "actions": ["board.read"]}
        issued = here.post(f"/api/v1/accounts/{here.account}/tokens", token)
        assert issued.status_code == 201, issued.get_data(as_text=True)

    def _elsewhere(self, what: str, most: int) -> str:
        text = self._fitting(most)
        self.fields[text.split()[0]] = ("", what)
        return text

    def untold(self, marks: set[str]) -> set[tuple[str, str]]:
        """The fields of which none of these marks tells, by command and name. The number of a paper is like that of any."""
        seen = {self.fields[mark] for mark in marks if mark in self.fields}
        return {one for one in self.fields.values() if one[1] != "evidence.number"} - seen

    @contextmanager
    def told(self) -> Iterator[None]:
        """While this lasts all payloads are told."""
        self.telling = True
        try:
            yield
        finally:
            self.telling = False


@cache
def payloads_at(number: int) -> str:
    """All payloads, another one first for each mark."""
    at = number % len(PAYLOADS)
    return " ".join(PAYLOADS[at:] + PAYLOADS[:at])


def _filled_in(value: Any) -> Any:
    """The same with all payloads in place of each mark, also within a text that is JSON itself."""
    if isinstance(value, dict):
        return {name: _filled_in(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled_in(one) for one in value]
    if not isinstance(value, str) or not MARK.search(value):
        return value
    if value.startswith("{"):
        return json.dumps(_filled_in(json.loads(value)))
    return MARK.sub(lambda mark: payloads_at(int(mark[1])), value)


def _told(said: str, kind: str) -> str:
    if kind.endswith(("/json", "+json")):
        return json.dumps(_filled_in(json.loads(said))) if said else said
    lines = said.split("\n") if "json" in kind else [said]
    return "\n".join(_filled_in(line) for line in lines)


def telling(app: Flask, office: Marked) -> Flask:
    """The application, which tells all payloads in place of each mark whenever the office does: in every answer of its API,
    and in whatever a page writes that it has from elsewhere."""

    def written(value: Any) -> Any:
        plain = isinstance(value, str) and not hasattr(value, "__html__")
        return _filled_in(value) if office.telling and plain else value

    def answering(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def answer(**given: Any) -> Any:
            made = app.make_response(view(**given))
            if office.telling and not made.direct_passthrough:
                made.set_data(_told(made.get_data(as_text=True), made.mimetype or ""))
            return made

        return answer

    app.jinja_env.finalize = written
    for endpoint, view in app.view_functions.items():
        if not endpoint.startswith(PAGES):
            app.view_functions[endpoint] = answering(view)
    return app
