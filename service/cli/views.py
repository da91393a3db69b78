"""The views from the command line: ``project status``, ``rebuild``, ``verify`` and ``follow``."""

import json
import signal
import sys
import threading
import time
from dataclasses import asdict
from typing import Any

import click

from service.cli.output import as_json, opened, say, show


class Progress:
    """One line that is written over on a terminal, else one JSON line per five seconds."""

    def __init__(self) -> None:
        self._said = time.monotonic()
        self._terminal = sys.stderr.isatty()

    def __call__(self, position: int, head: int, rate: float, eta: float) -> None:
        if self._terminal:
            share = 100 * position // head if head else 100
            click.echo(
                f"\r{position:,} of {head:,} events ({share} %), {rate:,.0f}/s, {eta:.0f} s left ", err=True, nl=False
            )
        elif time.monotonic() - self._said >= 5:
            self._said = time.monotonic()
            line = {"position": position, "head": head, "rate": round(rate), "eta_seconds": round(eta)}
            click.echo(json.dumps(line), err=True)

    def done(self) -> None:
        """End the line."""
        if self._terminal:
            click.echo("", err=True)


@click.group()
def project() -> None:
    """The views: what people look at, made from the events and always able to be made again."""


@project.command()
@as_json
def status(json_output: bool) -> None:
    """Every view, how far it is behind the log, and what was set aside.

    \b
    Example:
      wahana project status --json
    """
    rows: list[dict[str, Any]] = []
    for one in opened().views.status():
        row = asdict(one)
        row["set_aside"] = [f"position {bad.position}: {bad.topic}: {bad.reason}" for bad in one.set_aside]
        rows.append(row)
    show(
        rows,
        (
            f"{row['projection']:<20} {row['generation']:>4} {row['state']:<9} position {row['position']:>9,} "
            f"lag {row['lag']:>7,}  aside {len(row['set_aside'])}"
            for row in rows
        ),
        json_output,
    )


@project.command()
@click.argument("names", nargs=-1)
@as_json
def rebuild(names: tuple[str, ...], json_output: bool) -> None:
    """Make views anew beside the ones in use, then switch. Interrupted, it goes on where it was.

    \b
    Example:
      wahana project rebuild            (all)
      wahana project rebuild cases people
    """
    from projections.rebuild import rebuild as build_anew

    progress = Progress()
    report = build_anew(opened().views, names or None, progress)
    progress.done()
    show(asdict(report), (f"{key}: {value}" for key, value in asdict(report).items()), json_output)


@project.command()
@click.argument("names", nargs=-1)
@as_json
def verify(names: tuple[str, ...], json_output: bool) -> None:
    """Rebuild elsewhere and compare row by row; exit code 3 when a row differs.

    \b
    Example:
      wahana project verify --json
    """
    from projections.verify import verify as compare

    progress = Progress()
    report = compare(opened().views, names or None, progress)
    progress.done()
    show(
        asdict(report),
        (
            *(f"{digest}  {table}" for table, digest in report.digests.items()),
            *(str(one) for one in report.differences),
            f"{len(report.differences)} differences at position {report.position}",
        ),
        json_output,
    )
    if report.differences:
        sys.exit(3)


@project.command()
@click.option("--once", is_flag=True, help="Catch up and end.")
def follow(once: bool) -> None:
    """Keep the views warm until interrupted, however far behind they are.

    \b
    Example:
      wahana project follow
    """
    views = opened().views
    if once:
        done = views.catch_up(bounded=False)
        say(f"wahana: at position {done.position} of {done.head}")
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    views.follow(stop)
