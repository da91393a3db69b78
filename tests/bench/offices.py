"""Offices to measure with."""

import base64
import os
from datetime import date
from pathlib import Path

from domain.kps import Kps
from domain.territory import Territory
from service import config
from service.casebook import Decision
from service.command import Command
from service.log.ids import new_id
from service.office import Office

DAY = date(2026, 1, 5)


def bench_office(folder: Path, url: str | None = None) -> Office:
    """An initialised office with the territory published, on SQLite in ``folder`` or on a PostgreSQL URL."""
    key = base64.b64encode(os.urandom(32)).decode()
    settings = {
        "WAHANA_DATABASE_URL": url or f"sqlite:///{folder / 'wahana.db'}",
        "WAHANA_KEYS_URL": f"sqlite:///{folder / 'keys.db'}",
        **dict.fromkeys(("WAHANA_MASTER_KEY", "WAHANA_TOKEN_KEY", "WAHANA_SECRET_KEY"), key),
    }
    here = Office(config.read(settings))
    here.initialise()
    command = Command(id=new_id(), name="bench", account="bench", post="")
    here.casebook.record(command, lambda decision: decision.begin(Territory.publish(on=DAY, valid_from=DAY)))
    return here


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
