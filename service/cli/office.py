"""Setting up an office: ``init``, ``territory`` and ``config``."""

from datetime import date, datetime

import click

from domain.indicator import WKSBM_COVERAGE_ID, Indicator
from domain.territory import Territory
from service.casebook import Command, Decision
from service.cli.output import as_json, opened, say, show
from service.demo import FIRST
from service.log.ids import new_id
from service.office import Office
from service.restored import shred_what_came_back

BEGINNING = date(2004, 1, 1)  # before the office's first WKSBM (Kepmensos 42/HUK/2004)
STATED_ON = date(2019, 7, 25)  # 60DTK, "Sosialisasi dan Pembentukan WKSBM Kabgor Tahun 2019"


def publish(here: Office) -> None:
    """Publish the 205 villages in an office where no list stands yet."""
    here.casebook.record(
        Command(id=new_id(), name="territory.publish", account="wahana init", post="instalasi", source="api"),
        lambda decision: decision.begin(Territory.publish(on=here.today(), valid_from=BEGINNING)),
    )


def state_baseline(here: Office) -> bool:
    """Define WKSBM coverage and note what was said of it in July 2019, "around 25 percent" without a definition.

    A note on the indicator: no WKSBM is recorded for it. Source: 60DTK, 25 July 2019. False when the indicator is
    there already.
    """
    if here.casebook.log.version(WKSBM_COVERAGE_ID):
        return False

    def decide(decision: Decision) -> None:
        indicator = Indicator.define(
            WKSBM_COVERAGE_ID,
            on=here.today(),
            name="Cakupan WKSBM",
            definition="Bagian desa/kelurahan yang memiliki WKSBM, dihitung per desa/kelurahan.",
        )
        indicator.state_baseline(
            on=STATED_ON,
            permille=250,
            month="2019-07",
            wording="sekitar 25 persen",
            reference="60DTK, 25 Juli 2019: Sosialisasi dan Pembentukan WKSBM Kabgor Tahun 2019",
            approximate=True,
            definition_unknown=True,
        )
        decision.begin(indicator)

    here.casebook.record(
        Command(id=new_id(), name="indicator.define", account="wahana init", post="instalasi", source="api"), decide
    )
    return True


@click.command()
def init() -> None:
    """Make the databases, publish the list of villages and note the WKSBM coverage stated in July 2019.

    Safe to run again.

    \b
    Example:
      WAHANA_DATABASE_URL=sqlite:///var/wahana.db wahana init
    """
    here = opened(restored=False)
    here.initialise()
    shred_what_came_back(here)
    if here.config.demo:
        here = Office(here.config, now=lambda: FIRST)
    made = not here.published()
    if made:
        publish(here)
        say(f"wahana: casebook made; {len(here.casebook.territory().villages_on(here.today()))} villages published")
    if not here.config.demo and state_baseline(here):  # the demonstration tells it as the office would have
        say("wahana: WKSBM coverage defined, with the figure stated in July 2019 as a note")
    elif not made:
        say("wahana: the casebook is there already; nothing changed")


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
