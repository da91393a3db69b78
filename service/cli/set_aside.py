"""What the views set aside, from the command line: ``project retry`` and ``project release``."""

import sys
from dataclasses import asdict

import click

from projections import release as releasing
from projections.fold import Unfoldable
from projections.release import NothingAside, Tried
from projections.source import NewerEvent
from service.cli.output import as_json, opened, say, show
from service.logs import beside_data

LOGGER = "wahana.views"


def _line(tried: Tried) -> str:
    said = f"position {tried.position} of stream {tried.stream}: "
    if tried.stopped is None:
        return said + f"released into {', '.join(tried.projections)}"
    return said + f"stays aside from position {tried.stopped} on: {tried.reason}"


@click.command()
@as_json
def retry(json_output: bool) -> None:
    """Try again everything that was set aside, with a mended program or a mended row.

    What can be folded now is taken in, each stream as far as it goes; the rest stays aside, and then the exit code is
    3. What was done is said in JSON lines on standard error too.

    \b
    Example:
      wahana project retry
      wahana project retry --json
    """
    with beside_data(LOGGER):
        done = releasing.retry(opened().views)
    show([asdict(one) for one in done], map(_line, done), json_output)
    if any(one.stopped is not None for one in done):
        sys.exit(3)


@click.command()
@click.argument("what", metavar="POSITION|STREAM")
@as_json
def release(what: str, json_output: bool) -> None:
    """Take in one stream that was set aside, named by the position or by its id: whole, or not at all.

    Its rows are folded anew from its first event in the log, so that they equal those of a rebuild. Exit code 3 and the
    reason when an event of it still cannot be folded; 1 when nothing is set aside there. What was done is said in
    a JSON line on standard error too.

    \b
    Example:
      wahana project release 4711
      wahana project release 0190a3c4-7b2e-7c11-9d0a-5f1e2d3c4b5a --json
    """
    named = int(what) if what.isdecimal() else what
    try:
        with beside_data(LOGGER):
            done = releasing.release(opened().views, named)
    except NothingAside as error:
        say(f"wahana: {error}")
        sys.exit(1)
    except (Unfoldable, NewerEvent) as error:
        say(f"wahana: not released: {error}")
        sys.exit(3)
    show(asdict(done), [_line(done)], json_output)
