"""On PostgreSQL the owner makes the tables and the application works as a role that can change nothing that stands."""

import base64
from datetime import date
from pathlib import Path

import psycopg
import pytest

from domain.territory import Territory
from service import config
from service.command import Command
from service.log.ids import new_id
from service.office import Office

DAY = date(2026, 1, 5)


@pytest.fixture
def office(postgres_url: str, tmp_path: Path) -> Office:
    key = base64.b64encode(b"k" * 32).decode()
    settings = {
        "WAHANA_OWNER_URL": postgres_url,
        "WAHANA_DATABASE_URL": f"{postgres_url}&options=-c%20role%3Dwahana_work",
        "WAHANA_KEYS_URL": f"sqlite:///{tmp_path / 'keys.db'}",
        **dict.fromkeys(("WAHANA_MASTER_KEY", "WAHANA_TOKEN_KEY", "WAHANA_SECRET_KEY", "WAHANA_RECEIPT_KEY"), key),
    }
    here = Office(config.read(settings))
    here.initialise()
    here.initialise()
    return here


def test_an_office_works_as_a_role_that_only_adds(office: Office) -> None:
    command = Command(id=new_id(), name="territory.publish", account="a", post="")
    office.casebook.record(command, lambda decision: decision.begin(Territory.publish(on=DAY, valid_from=DAY)))
    assert office.views.catch_up().position == 1
    assert office.identity.account_of("nobody") is None
    for statement in (
        "UPDATE events SET topic = 'x'",
        "DELETE FROM events",
        "TRUNCATE commands",
        "DROP TABLE parts",
        "ALTER TABLE tokens ADD COLUMN x text",
        "DELETE FROM sign_ins",
        "CREATE TABLE public.more (x text)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            office.database.rows(statement)
    assert office.reader.head()[0] == 1
    office.close()
