"""Setting up an office: ``init``, ``territory`` and ``config``."""

from datetime import date, datetime

import click

from domain.territory import Territory
from service.casebook import Command
from service.cli.output import as_json, opened, say, show
from service.demo import FIRST
from service.log.ids import new_id
from service.office import Office

BEGINNING = date(2004, 1, 1)  # before the office's first WKSBM (Kepmensos 42/HUK/2004)


def publish(here: Office) -> None:
    """Publish the 205 villages in an office where no list stands yet."""
    here.casebook.record(
        Command(id=new_id(), name="territory.publish", account="wahana init", post="instalasi", source="api"),
        lambda decision: decision.begin(Territory.publish(on=here.today(), valid_from=BEGINNING)),
    )


@click.command()
def init() -> None:
    """Make the databases and publish the list of villages. Safe to run again.

    \b
    Example:
      WAHANA_DATABASE_URL=sqlite:///var/wahana.db wahana init
    """
    here = opened()
    here.initialise()
    if here.published():
        say("wahana: the casebook is there already; nothing changed")
        return
    if here.config.demo:
        here = Office(here.config, now=lambda: FIRST)
    publish(here)
    say(f"wahana: casebook made; {len(here.casebook.territory().villages_on(here.today()))} villages published")


@click.group()
def territory() -> None:
    """The list of villages."""


@territory.command("list")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As it stood on this day; today by default.")
@as_json
def list_villages(on: datetime | None, json_output: bool) -> None:
    """Every village in force.

    \b
    Example:
      wahana territory list --on 2026-01-01 --json
    """
    here = opened()
    day = on.date() if on else here.today()
    villages = sorted(here.casebook.territory().villages_on(day).values(), key=lambda village: village.code)
    show(
        [{name: getattr(village, name) for name in village.__struct_fields__} for village in villages],
        (f"{village.code}  {village.name}  ({village.kind}, {village.kecamatan_name})" for village in villages),
        json_output,
    )


@click.group()
def config() -> None:
    """The settings, from the environment."""


@config.command("show")
@as_json
def show_config(json_output: bool) -> None:
    """Every setting with its value, secrets masked.

    \b
    Example:
      wahana config show --json
    """
    from service.config import read, shown

    values = shown(read())
    show(values, (f"{name}={value}" for name, value in values.items()), json_output)


@config.command("check")
def check_config() -> None:
    """Read the settings and say what is wrong with them; exit code 78 when something is.

    \b
    Example:
      wahana config check
    """
    from service.config import read

    read()
    say("wahana: the settings are complete")
