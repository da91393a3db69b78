"""The demonstration from the command line: ``demo``."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime

import click

from service.cli.output import as_json, say, show

_COLUMNS = {
    "login": "nama masuk",
    "password": "kata sandi",
    "label": "peran",
    "post": "jabatan",
    "area": "wilayah",
    "secret": "rahasia autentikator",
}
_EVERY = 2500  # events between two lines of progress where nobody watches


def progress() -> Callable[[date, int], None]:
    """Says how far the play is: on a terminal in one line, elsewhere in a line now and then."""
    watched, told = sys.stderr.isatty(), [0]

    def said(day: date, events: int) -> None:
        if watched or events >= told[0] + _EVERY:
            told[0] = events
            click.echo(f"wahana: {day}, {events} events", err=True, nl=not watched)
            if watched:
                click.echo("\r", err=True, nl=False)

    return said


def table(accounts: list[dict[str, str]]) -> list[str]:
    """The accounts as lines of aligned columns, with a heading."""
    rows = [tuple(_COLUMNS.values()), *(tuple(account[name] for name in _COLUMNS) for account in accounts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


@click.command()
@click.option("--seed", default=2019, show_default=True, help="The same seed gives the same history.")
@click.option("--small", is_flag=True, help="A few dozen people instead of some two thousand.")
@as_json
def demo(seed: int, small: bool, json_output: bool) -> None:
    """Fill an empty casebook with an invented office and its history since July 2019, and print its accounts.

    Every name is invented and no NIK can be anybody's. Only where WAHANA_DEMO is 1, and only on a casebook that was
    made with it and holds nothing yet: exit code 78 or 2 otherwise.

    \b
    Example:
      export WAHANA_DEMO=1
      wahana init && wahana demo
    """
    from service.config import BadConfiguration, read
    from service.demo.history import NotFresh, play
    from service.demo.world import FULL, SMALL

    config = read()
    if not config.demo:
        raise BadConfiguration(["WAHANA_DEMO: the demonstration is made only where it is 1"])
    try:
        played = play(config, seed, datetime.now(UTC), SMALL if small else FULL, progress())
    except NotFresh as refusal:
        raise click.UsageError(refusal.sentence) from None
    say(f"wahana: {played.commands} commands, {played.events} events up to {played.today}")
    show(played.accounts, table(played.accounts), json_output)
