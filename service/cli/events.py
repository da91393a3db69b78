"""The event log from the command line: ``events tail`` and ``export``."""

import time
from typing import IO

import click

from service.cli.output import opened, say


@click.group()
def events() -> None:
    """The event log, as the canonical texts that are stored."""


@events.command()
@click.option("--after", default=-1, help="Begin after this position; by default with the last ten events.")
@click.option("--follow", is_flag=True, help="Go on until interrupted.")
def tail(after: int, follow: bool) -> None:
    """Print the last events, one canonical text a line.

    \b
    Example:
      wahana events tail --follow
    """
    here = opened()
    position = max(0, here.reader.head()[0] - 10) if after < 0 else after
    while True:
        rows = here.log.stored(position, 1000)
        for row in rows:
            click.echo(row.text)
            position = row.position
        if not rows:
            if not follow:
                return
            time.sleep(0.5)


@events.command()
@click.option("--after", default=0, help="Begin after this position.")
@click.option(
    "--output", type=click.File("w", "utf-8", lazy=True), default="-", help="A file; standard output by default."
)
def export(after: int, output: IO[str]) -> None:
    """Write every event as NDJSON, one canonical text a line. Personal parts are not in it.

    \b
    Example:
      wahana events export --output casebook.ndjson
    """
    here = opened()
    position, count = after, 0
    while rows := here.log.stored(position, 2000):
        for row in rows:
            click.echo(row.text, file=output)
        position, count = rows[-1].position, count + len(rows)
    say(f"wahana: {count} events up to position {position}")
