"""Offices to measure with."""

import base64
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from domain.kps import Kps
from domain.territory import Territory
from service import config
from service.casebook import Decision
from service.command import Command
from service.log.ids import new_id
from service.office import Office

DAY = date(2026, 1, 5)
KEY = base64.b64encode(os.urandom(32)).decode()  # one for a run: two offices may stand on the same log and keys


def office_settings(folder: Path, url: str | None = None) -> dict[str, str]:
    """Settings with keys of this run and everything in ``folder``, the log where ``url`` says."""
    return {
        "WAHANA_DATABASE_URL": url or f"sqlite:///{folder / 'wahana.db'}",
        "WAHANA_KEYS_URL": f"sqlite:///{folder / 'keys.db'}",
        **dict.fromkeys(("WAHANA_MASTER_KEY", "WAHANA_TOKEN_KEY", "WAHANA_SECRET_KEY", "WAHANA_RECEIPT_KEY"), KEY),
    }


def bench_office(folder: Path, url: str | None = None) -> Office:
    """An initialised office with the territory published, on SQLite in ``folder`` or on a PostgreSQL URL."""
    here = Office(config.read(office_settings(folder, url)))
    here.initialise()
    command = Command(id=new_id(), name="bench", account="bench", post="")
    here.casebook.record(command, lambda decision: decision.begin(Territory.publish(on=DAY, valid_from=DAY)))
    return here


@contextmanager
def bare_connection(url: str | None, path: Path) -> Iterator[Any]:
    """A driver's own connection, as durable as the log's: to the PostgreSQL URL, or to the SQLite file at ``path``."""
    connection: Any
    if url is None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    else:
        connection = psycopg.connect(url, autocommit=True)
    try:
        yield connection
    finally:
        connection.close()


def bare_insert(connection: Any, url: str | None, values: int) -> Callable[..., object]:
    """A function that inserts one row of so many texts into a table made for it."""
    key, mark = ("bigserial", "%s") if url else ("INTEGER", "?")
    columns = [f"text_{number}" for number in range(values)]
    connection.execute(f"CREATE TABLE bare (id {key} PRIMARY KEY, {', '.join(f'{name} text' for name in columns)})")
    sql = f"INSERT INTO bare ({', '.join(columns)}) VALUES ({', '.join([mark] * values)})"
    return lambda *texts: connection.execute(sql, texts)


def registered_body(here: Office) -> str:
    """The id of a newly registered KPS with a sealed contact and search tokens."""
    stream = new_id()

    def decide(decision: Decision) -> None:
        contact = decision.seal(stream, {"contact": "Ibu Rahma 0812"})
        decision.find_by(contact, {"w:rahma", "s:rahma", "k:rhm"})
        decision.begin(
            Kps.register(stream, on=DAY, village="75.01.01.1001", kind="arisan", name="Arisan", contact=contact)
        )

    here.casebook.record(Command(id=new_id(), name="kps.register", account="bench", post=""), decide)
    return stream
