"""An office on SQLite in which every table of the log has rows, and what is done when it moves to PostgreSQL."""

from __future__ import annotations

import base64
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from click.testing import CliRunner, Result

from service import outlines
from service.boundaries import Outline
from service.cli import main
from service.destroying import KEY_TABLES, Destroyer
from service.log.database import sqlite_path
from service.log.files import CHUNK
from service.log.ids import new_id
from service.log.notes import COSIGNATURE, Note, Signer
from service.office import Office, utc_now
from tests.service.destroyed import decided, lived, make, settings
from tests.service.destroyers import destroy
from tests.service.offices import VILLAGE, Asking, application
from tests.service.test_log_proofs import grow
from tests.service.test_outbox import Phone, registering
from tests.service.test_uploads import begun, sent

KEY = base64.b64encode(b"l" * 32).decode()
WITNESS = Signer("inspektorat", b"w" * 32, COSIGNATURE)
OUTLINE = Outline("M0 0l5 0 0 5z", 0, 0, 5, 5)


class Killed(Exception):
    """What ends a destruction that has begun."""


class Before:
    """The office on SQLite, and what is asked of it again after the move."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.here = folder, make(folder, "")
        self.url = self.here.config.database_url
        self.people = lived(self.here, [1, 2, 3, 4], file=True)
        destroy(self.here, decided(self.here, self.people[:1]))
        self.unended = decided(self.here, self.people[1:2])
        with suppress(Killed):
            Destroyer(self.here, self._stop).carry_out(self.unended)
        grow(self.here, 300)
        self.desk = Asking(self.here, "peksos")
        self.signed, self.boss = self.desk.person(), Asking(self.here, "supervisor")
        self.boss.person()
        assert self.boss.client.post("/api/v1/sessions", json={"login": "siapa", "password": "x" * 20}).status_code
        self.phone = Phone(Asking(self.here, "psm"))
        self.key, self.body = new_id(), registering()
        self.answer = self.desk.done("/api/v1/beneficiaries", self.body, **{"Idempotency-Key": self.key})
        place = begun(self.desk, 2 * CHUNK, self.answer["id"]).headers["Location"]
        assert sent(self.desk, place, 0, b"%PDF-1.7" + b"x" * (CHUNK - 8)).status_code == 204
        means, database = self.here.identity.means, self.here.database
        means.codes.issue(new_id(), self.desk.account, "password", means.milliseconds())
        means.codes.tell(self.desk.account, 1)
        database.rows("INSERT INTO oidc_states VALUES ('a', 'b', 'c', 1)")
        outlines.replace(database, {VILLAGE: OUTLINE})
        self.sealed = self.seal(self.url)
        note = self.here.checkpoints.latest()
        assert note
        line = WITNESS.cosign(Note.parse(note.note).text, 1_790_000_000)
        self.here.checkpoints.cosign(note.size, line, utc_now())
        self.note = note.note
        grow(self.here, 3)  # not sealed yet
        self.here.close()

    @staticmethod
    def _stop(step: str) -> None:
        if step == "begun":
            raise Killed

    def seal(self, url: str) -> str:
        given = settings(self.folder, url, WAHANA_SEALER_KEY=KEY, WAHANA_SEALER_DIR=str(self.folder / "sealer"))
        done = CliRunner().invoke(main, ["seal"], env=given)
        assert done.exit_code == 0, done.output
        return done.stdout


def wahana(folder: Path, url: str, *words: str) -> Result:
    return CliRunner().invoke(main, [*words], env=settings(folder, url))


def move(folder: Path, url: str, old: str) -> Result:
    return wahana(folder, url, "move", "--from", old)


def asks(who: Asking, here: Office) -> Asking:
    """The same person with what she has, at the office as it is now."""
    who.office, who.client = here, application(here).test_client()
    return who


def rows_of_file(url: str) -> dict[str, list[Any]]:
    """Every row of every table of the file, of the key store's none."""
    with sqlite3.connect(f"file:{sqlite_path(url)}?mode=ro", uri=True) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {
            name: sorted(connection.execute(f"SELECT {columns_of(connection, name)} FROM {name}"), key=repr)
            for name in names
            if name not in KEY_TABLES and not name.startswith("sqlite_")
        }
    connection.close()
    return found


def columns_of(connection: sqlite3.Connection, table: str) -> str:
    return ", ".join(sorted(name for (name,) in connection.execute(f"SELECT name FROM pragma_table_info('{table}')")))


def rows_of_database(url: str) -> dict[str, list[Any]]:
    """Every row of every table of the schema that the log's tables are in, columns in the order of their names."""
    found: dict[str, list[Any]] = {}
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            columns = connection.execute(
                "SELECT string_agg(column_name, ', ' ORDER BY column_name COLLATE \"C\") FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = %s",
                (name,),
            ).fetchone()
            assert columns
            rows = connection.execute(f"SELECT {columns[0]} FROM {name}").fetchall()  # type: ignore[arg-type]
            found[name] = sorted(rows, key=repr)
    return found


def environment(folder: Path, url: str) -> dict[str, str]:
    """For a process of its own."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **settings(folder, url)}
