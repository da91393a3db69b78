"""Where canaries are planted: an office on either engine with two people of every role, and all of its log lines."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from domain.account import ROLES, Account
from service.api.commands import COMMANDS
from service.log.ids import new_id
from service.logs import JsonLine
from service.office import Office
from tests.service.offices import BEGINNING, VILLAGE, Asking, make_office, record
from tests.service.planting import Planted, bytes_of, hits, plant, text

DAY = {"on": "2026-03-02"}


class Lines(logging.Handler):
    """Every log line as it would be written, and once more with all that Python knows of an error."""

    def __init__(self) -> None:
        super().__init__(level=logging.DEBUG)
        self.text = b""

    def emit(self, record: logging.LogRecord) -> None:
        for form in (JsonLine(), logging.Formatter("%(name)s %(message)s %(args)s")):
            self.text += form.format(record).encode() + b"\n"


class Field:
    """An office in which two people of every role work, and what they asked."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.planted = folder, url, Planted()
        self.office: Office = make_office(folder, url)
        self.one, self.other, self.third = (self._somebody() for _ in range(3))
        rules = {
            rule.endpoint.rpartition(".")[2]: str(rule) for rule in self.one.client.application.url_map.iter_rules()
        }
        self.rules = {name: rules[name.replace(".", "_")] for name in COMMANDS}
        self.addresses = b""

    def _somebody(self) -> Asking:
        who = Asking(self.office, "supervisor")

        def decide(decision: Any) -> None:
            account = decision.load(Account, who.account)
            for role in sorted(set(ROLES.versions[-1].codes) - {"supervisor"}):
                account.grant_role(
                    on=BEGINNING, grant=new_id(), role=role, title=role, areas=(VILLAGE[:8],), valid_from=BEGINNING
                )

        record(self.office, decide)
        return who

    def path(self, command: str, url: dict[str, str]) -> str:
        path = self.rules[command]
        for name, value in url.items():
            path = path.replace(f"<{name}>", value)
        assert "<" not in path, path
        self.addresses += path.encode() + b"\n"
        return path

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
        """Send a command with canaries in all its personal fields, first once in a way that is refused. ``seen`` is the
        version of the record that its author knew."""
        who = who or self.one
        filled = plant(command, {**DAY, **body}, self.planted, strict=strict)
        path = self.path(command, url)
        assert who.post(path, {**filled, "entah": text()}).status_code == 422
        known = {"If-Match": f'"{seen}"'} if seen else {}
        return str(who.done(path, filled, **known)["id"])

    def scan(self) -> dict[str, list[str]]:
        found = {name: hits(data) for name, data in bytes_of(self.folder, self.url).items()}
        return {name: told for name, told in found.items() if told}
