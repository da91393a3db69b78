"""An office with people whose retention is over, and what is done and looked for when some of them are destroyed."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from flask.testing import FlaskClient

from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.destruction import Destruction
from domain.retention import RETENTION_ID, Retention
from domain.territory import Territory
from service import config, search
from service.casebook import Decision
from service.destroying import candidates, schedule_of
from service.log.database import connect, sqlite_path
from service.log.ids import new_id
from service.office import Office
from tests.service.casebooks import APPLICATION, as_role
from tests.service.offices import BEGINNING, VILLAGE, record, settings_of

DESTROYER = "wahana_destroyer"
THEN, CLOSED = date(2014, 3, 3), date(2015, 3, 3)
MINUTES = "045/BA/2026"


def settings(folder: Path, url: str, **more: str) -> dict[str, str]:
    """The settings of an office whose service and whose destruction work as roles of their own."""
    given = {**settings_of(folder, url), "WAHANA_KEYS_BACKUP_DIR": str(folder / "keys-backups")}
    if url.startswith("postgresql"):
        given["WAHANA_OWNER_URL"] = url
        given["WAHANA_DATABASE_URL"] = as_role(url, APPLICATION)
        given["WAHANA_DESTROYER_URL"] = as_role(url, DESTROYER)
    return {**given, **more}


def reopened(folder: Path, url: str, **more: str) -> Office:
    return Office(config.read(settings(folder, url, **more)))


def schedule(here: Office, **more: Any) -> None:
    """Set the class for persons: five years after the last case, then destroyed."""
    given: dict[str, Any] = {
        "on": date(2019, 1, 1),
        "code": "463.1",
        "label": "Berkas perorangan",
        "kinds": ("person",),
        "trigger": "kasus_terakhir_ditutup",
        "years": 5,
        "fate": "musnah",
        "basis": "JRA 2019",
    }

    def decide(decision: Decision) -> None:
        try:
            known = decision.load(Retention, RETENTION_ID)
        except Exception:
            known = decision.begin(Retention.blank(RETENTION_ID))
        known.set_class(**{**given, **more})

    record(here, decide)


def make(folder: Path, url: str) -> Office:
    here = reopened(folder, url)
    here.initialise()
    record(here, lambda decision: decision.begin(Territory.publish(on=BEGINNING, valid_from=BEGINNING)))
    schedule(here)
    return here


def name_of(number: int) -> str:
    """A name that nobody else has, in words that are searched for."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return f"Zq{letters[number // 676 % 26]}{letters[number // 26 % 26]}{letters[number % 26]}xari Moodutu"


def lived(here: Office, numbers: Iterable[int], *, file: bool = False) -> list[str]:
    """People with a name, a NIK, an address and one case that was closed long ago; each has five parts or so."""
    made = []
    for number in numbers:
        person, case = new_id(), new_id()
        identity = {"name": name_of(number), "nik": f"750199{number:010d}", "birth_year": 1950 + number % 50}
        stored = None
        if file:
            stored = here.files.store(
                f"Surat {name_of(number)}".encode() * 40,
                subject=person,
                label="umum",
                name="ktp.txt",
                media_type="text/plain",
                account="a",
            )

        def decide(
            decision: Decision, person: str = person, case: str = case, identity: Any = identity, stored: Any = stored
        ) -> None:
            sealed = decision.seal(person, {"identity": identity})
            decision.find_by(sealed, search.token_texts(identity, VILLAGE))
            papers = ()
            if stored is not None:
                papers = (decision.paper("ktp", file=stored.id, number=None, dated=None, stream=person),)
            someone = Beneficiary.register(
                person, on=THEN, village=VILLAGE, kind="person", channel="desa", identity=sealed, evidence=papers
            )
            decision.begin(someone)
            where = decision.seal(person, {"address": f"Rumah {identity['name']}"})
            someone.move_domicile(on=THEN, village="75.01.02.2014", address=where)
            opened = Case.open(
                case,
                on=THEN,
                village=VILLAGE,
                beneficiary=person,
                subject_kind="person",
                tier=1,
                channel="datang_langsung",
                urgency="biasa",
                story=decision.seal(person, {"story": f"Kisah {identity['name']}"}),
            )
            decision.begin(opened)
            ended = decision.seal(person, {"note": f"Selesai {identity['name']}"}, strict=True)
            opened.terminate(on=CLOSED, by="a", reason="tujuan_tercapai", outcome="tercapai", note=ended)

        record(here, decide)
        made.append(person)
    return made


def decided(here: Office, people: list[str]) -> str:
    """A destruction of these people that is approved and minuted."""
    stream = new_id()

    def propose(decision: Decision) -> None:
        decision.begin(
            Destruction.propose(
                stream,
                on=here.today(),
                by="pengusul",
                retention=schedule_of(decision),
                candidates=candidates(here, decision, people),
            )
        )

    def approve(decision: Decision) -> None:
        found = decision.load(Destruction, stream)
        for who in ("kepala", "dpo"):
            found.approve(on=here.today(), by=who, people=[decision.load(Beneficiary, one) for one in people])
        found.record_minutes(on=here.today(), berita_acara=MINUTES, dated=here.today())

    record(here, propose)
    record(here, approve)
    return stream


def secrets(here: Office, people: list[str]) -> dict[str, bytes]:
    """Bytes that lie in the databases because of these people, by what they are: of each wrapped key, box, token and piece
    of a file a stretch that occurs nowhere else."""
    keys = here.keys_database
    found: dict[str, bytes] = {}
    for key, label, wrapped in keys.rows(
        f"SELECT id, label, wrapped FROM subject_keys WHERE subject {keys.among('ids')}", ids=people
    ):
        found[f"wrapped key {key}"] = bytes(wrapped)
        found[f"label of {key}"] = bytes(label)
    log = here.database
    for part, box in log.rows(f"SELECT id, box FROM parts WHERE subject {log.among('ids')}", ids=people):
        found[f"box of {part}"] = bytes(box)[:40]
    rows = log.rows(
        "SELECT t.token, t.part FROM tokens t JOIN parts p ON p.id = t.part "
        f"WHERE p.subject {log.among('ids')} AND (SELECT count(*) FROM tokens o WHERE o.token = t.token) = 1",
        ids=people,
    )
    found.update({f"token {bytes(token).hex()} of {part}": bytes(token) for token, part in rows})
    for file, number, box in log.rows(
        "SELECT c.file, c.number, c.box FROM file_chunks c JOIN files f ON f.id = c.file "
        f"WHERE f.subject {log.among('ids')}",
        ids=people,
    ):
        found[f"piece {number} of {file}"] = bytes(box)[:40]
    return found


def stored_in(folder: Path, url: str) -> dict[str, bytes]:
    """The bytes of every file of the databases: on SQLite with write-ahead logs and temporaries, on PostgreSQL those of the
    database itself and of the server's write-ahead log, after a checkpoint that removes what of it is no longer needed."""
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            for _ in range(2):
                connection.execute("SELECT pg_switch_wal()")
                connection.execute("CHECKPOINT")
            row = connection.execute(
                "SELECT current_setting('data_directory'), (SELECT oid FROM pg_database WHERE datname = current_database())"
            ).fetchone()
        assert row
        data = Path(row[0])
        places = [data / "base" / str(row[1]), data / "pg_wal"]
        if (data / "base" / "pgsql_tmp").exists():
            places.append(data / "base" / "pgsql_tmp")
        found = {
            str(path.relative_to(data)): path.read_bytes()
            for place in places
            for path in sorted(place.rglob("*"))
            if path.is_file()
        }
    else:
        found = {}
    names = [path for path in folder.rglob("*") if path.is_file() and "backup" not in str(path.relative_to(folder))]
    return {**found, **{str(path.relative_to(folder)): _read_elsewhere(path) for path in names}}


def _read_elsewhere(path: Path) -> bytes:
    """A file that this process may have open as a database: closing another descriptor of it here would let go of SQLite's
    locks (fcntl), and the next process to open it would cut off the index of the write-ahead log under our feet."""
    return subprocess.run(["cat", str(path)], stdout=subprocess.PIPE, check=True).stdout


def lying(bytes_by_file: dict[str, bytes], wanted: dict[str, bytes]) -> dict[str, list[str]]:
    """What of the wanted bytes lies in which file."""
    found: dict[str, list[str]] = {}
    for file, data in bytes_by_file.items():
        for what, piece in wanted.items():
            if piece in data:
                found.setdefault(what, []).append(file)
    return found


def backed_up(here: Office, folder: Path) -> Path:
    """A backup of log and keys, by the backup API of SQLite or as dumped rows."""
    import sqlite3

    target = folder / "backup"
    target.mkdir(exist_ok=True)
    for url in (here.config.database_url, here.config.keys_url):
        if url.startswith("sqlite:"):
            path = Path(sqlite_path(url))
            with sqlite3.connect(path) as source, sqlite3.connect(target / path.name) as copy:
                source.backup(copy)
            source.close()
            copy.close()
    if here.database.engine != "sqlite":
        with psycopg.connect(here.config.owner_url, autocommit=True) as connection:
            for table in BACKED_UP:
                with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as copied:  # type: ignore[arg-type]
                    (target / table).write_bytes(b"".join(bytes(block) for block in copied))
    return target


BACKED_UP = (
    *("events", "commands", "parts", "tokens", "reservations", "destroyed_keys"),
    *("files", "file_chunks", "file_claims"),
)


def restore(here: Office, backup: Path, folder: Path) -> None:
    """Put log and keys back as they were backed up, with nothing running. Views are to be made again."""
    here.views.store.close()
    here.close()
    for url in (here.config.database_url, here.config.keys_url):
        if url.startswith("sqlite:"):
            path = Path(sqlite_path(url))
            for old in path.parent.glob(f"{path.name}*"):
                if not old.name.endswith(("shredded", ".lock")):
                    old.unlink()
            path.write_bytes((backup / path.name).read_bytes())
    for path in folder.glob("*-views.db*"):
        path.unlink()
    if here.config.owner_url.startswith("postgresql"):
        with psycopg.connect(here.config.owner_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA wahana_views CASCADE")
            connection.execute("SET session_replication_role = replica")
            connection.execute(f"TRUNCATE {', '.join(BACKED_UP)}")  # type: ignore[arg-type]
            for table in BACKED_UP:
                with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copied:  # type: ignore[arg-type]
                    copied.write((backup / table).read_bytes())
    owner = connect(here.config.owner_url, owner=True, size=1)
    owner.close()


def chosen(people: list[str], count: int, chance: random.Random) -> list[str]:
    return sorted(chance.sample(people, count))


def said(client: FlaskClient, token: str, path: str, body: Any = None) -> str:
    """What a reader gets, whatever it is."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get(path, headers=headers) if body is None else client.post(path, json=body, headers=headers)
    return answer.get_data(as_text=True)


def left_of(folder: Path, url: str, hers: dict[str, bytes]) -> dict[str, list[str]]:
    """What of somebody still lies in the files of the databases. Looked at up to three times: a server that tidies up by
    itself just then writes a page as it was into the log that the look before has emptied."""
    found = lying(stored_in(folder, url), hers)
    for _ in range(2 if found else 0):
        found = lying(stored_in(folder, url), hers)
    return found
