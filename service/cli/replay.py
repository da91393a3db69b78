"""Replaying from the command line: ``replay``."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Any

import click
import msgspec

from domain.refusals import NotFound
from projections.source import NewerEvent, Unreadable
from projections.view import View
from service.cli.output import as_json, opened, say

if TYPE_CHECKING:
    from service.office import Office
    from service.replay_steps import Step


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
    from service.replay import from_views, upto_of

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
        if told_by_views:
            with here.views.at(upto) as at:
                upto = _told_upto(at, upto)
        for line in told(_steps(here, stream, upto, told_by_views=told_by_views), state):
            click.echo(line)
    except (Unreadable, NewerEvent) as error:
        say(f"wahana: this cannot be replayed: {error}; run: wahana doctor")
        sys.exit(3)


def _steps(here: "Office", name: str, upto: int, *, told_by_views: bool) -> Iterator["Step"]:
    """What is told. No view stays open while somebody reads it page after page."""
    from service.replay import VILLAGE, steps

    if told_by_views and VILLAGE.fullmatch(name):
        yield from _of_a_village(here, name, upto)
        return
    with here.views.at(upto) if told_by_views else nullcontext() as at:
        found = list(steps(here, name, upto, at))
    yield from found


def _of_a_village(here: "Office", code: str, upto: int) -> Iterator["Step"]:
    from service.replay import PAGE, village

    after = 0
    while True:
        with here.views.at(upto) as at:
            found = list(islice(village(here, at, code, upto, after), PAGE))
        if not found and not after:
            raise NotFound
        yield from found
        if len(found) < PAGE:
            return
        after = found[-1].position


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
