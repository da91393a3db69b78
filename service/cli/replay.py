"""Replaying from the command line: ``replay``."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any

import click
import msgspec

from projections.source import NewerEvent, Unreadable
from projections.view import View
from service.cli.output import as_json, opened, say


@click.command()
@click.argument("stream")
@click.option("--until", help="A log position, a day (2026-06-30) or an RFC 3339 time; the end of the log by default.")
@click.option("--state/--no-state", default=True, help="Show the state after each event.")
@as_json
def replay(stream: str, until: str | None, state: bool, json_output: bool) -> None:
    """Tell a stream, everything about a person, or everything recorded in a village, step by step.

    STREAM is an id, or the code of a village. Each event is a sentence, with what it changed and the state after it.

    \b
    Examples:
      wahana replay 01a20a4d-8e22-7cd5-a514-4f5b8cff7be7 --until 2026-06-30
      wahana replay 75.01.02.2011 --until 2026-06-30 --json
    """
    from service.replay import from_views, steps, upto_of

    here = opened()
    try:
        upto = upto_of(here, until)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--until") from None
    try:
        told_by_views = from_views(here, stream, upto)
    except (Unreadable, NewerEvent):  # named below
        told_by_views = False
    told = _json if json_output else _lines
    try:
        with here.views.at(upto) if told_by_views else nullcontext() as at:
            if at is not None:
                upto = _told_upto(at, upto)
            for line in told(steps(here, stream, upto, at), state):
                click.echo(line)
    except (Unreadable, NewerEvent) as error:
        say(f"wahana: this cannot be replayed: {error}; run: wahana doctor")
        sys.exit(3)


def _told_upto(at: View, upto: int) -> int:
    """How far the views can tell; says what they cannot."""
    from service.replay import seen_upto, set_aside

    if (seen := seen_upto(at, upto)) < upto:
        say(f"wahana: the views lie behind: told up to position {seen} of {upto}")
    if aside := set_aside(at, seen):
        positions = ", ".join(map(str, aside))
        say(f"wahana: streams are set aside from position {positions}: what they hold of this is missing")
    return seen


def _json(found: Iterable[Any], state: bool) -> Iterator[str]:
    """A list, printed one step a line as they come."""
    begin = "["
    for step in found:
        yield begin + json.dumps(msgspec.to_builtins(step), ensure_ascii=False)
        begin = ","
    yield "]"


def _lines(found: Iterable[Any], state: bool) -> Iterator[str]:
    for step in found:
        yield f"{step.position:>8}  {step.on}  {step.sentence}"
        yield f"          {step.topic} #{step.version}, dicatat {step.recorded} oleh {step.post or step.by}"
        if state:
            for name, value in step.changed.items():
                yield f"            {name} = {json.dumps(value, ensure_ascii=False)}"
