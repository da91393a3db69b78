"""Replaying from the command line: ``replay``."""

import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Any

import click
import msgspec

from domain.refusals import NotFound
from projections.source import NewerEvent, NoSuchPosition, Unreadable
from projections.view import View
from service.cli.output import as_json, opened, say

if TYPE_CHECKING:
    from service.office import Office
    from service.replay_steps import Step

COLUMNS = 80
_INDENT = 10
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@click.command()
@click.argument("stream")
@click.option("--until", help="A log position, a day (2026-06-30) or an RFC 3339 time; the end of the log by default.")
@click.option("--state/--no-state", default=True, help="Show the state after each event.")
@as_json
def replay(stream: str, until: str | None, state: bool, json_output: bool) -> None:
    """Tell a stream, everything about a person, or everything recorded in a village, step by step.

    STREAM is an id, or the code of a village. Each event is a sentence, with what it changed and the state after it, in
    which what is empty is left out. With --json nothing is.

    \b
    Examples:
      wahana replay 01a20a4d-8e22-7cd5-a514-4f5b8cff7be7 --until 2026-06-30
      wahana replay 75.01.02.2011 --until 2026-06-30 --json
    """
    from service.replay import from_views, upto_of

    here = opened()
    try:
        upto = upto_of(here, until)
    except (ValueError, NoSuchPosition) as error:
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
        for line in told(_steps(here, stream, upto, told_by_views=told_by_views), state, stream):
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
    from service.replay import PAGE, known, village

    after = 0
    while True:
        with here.views.at(upto) as at:
            found = list(islice(village(here, at, code, upto, after), PAGE))
            if not found and not known(at, code):
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


def _json(found: Iterable["Step"], state: bool, _: str) -> Iterator[str]:
    """A list, printed one step a line as they come."""
    begin = ""
    for step in found:
        told = msgspec.to_builtins(step)
        if not state:
            del told["state"]
        yield (begin or "[") + json.dumps(told, ensure_ascii=False)
        begin = ","
    yield "]" if begin else "[]"


def _lines(found: Iterable["Step"], state: bool, asked: str) -> Iterator[str]:
    """Steps as paragraphs of a narrow terminal, which the words of people do not command."""
    from service.web.around import fields_named

    step = None
    for step in found:
        whose = "" if step.stream == asked else f" dari {step.stream}"
        yield from _paragraph(f"{step.position:>8}  {step.on}  ", fields_named(step.sentence, str))
        about = f"{step.topic} #{step.version}{whose}, dicatat {step.recorded} oleh {step.post or step.by}"
        yield from _paragraph(" " * _INDENT, about)
        yield from _paragraph(f"{'':{_INDENT}}Berubah: ", _facts(step.changed) or "tidak ada")
        if state:
            told = {name: value for name, value in step.state.items() if value not in (None, "", [], {})}
            yield from _paragraph(f"{'':{_INDENT}}Keadaan sesudahnya: ", _facts(told) or "kosong")
    if step is None:
        yield "Belum ada yang dicatat di desa ini."


def _paragraph(begin: str, text: str) -> list[str]:
    plain = "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))
    indent = " " * (_INDENT + 2)
    return textwrap.wrap(
        plain, COLUMNS, initial_indent=begin, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _facts(values: Mapping[str, Any]) -> str:
    from service.web.remembered import named

    return "; ".join(f"{named(name)}: {_value(value, name)}" for name, value in values.items())


def _value(value: Any, field: str) -> str:
    """A value of a field in the words of the pages; what is inside another one stands in brackets."""
    from projections.sentences.words import day
    from service.web.words import plainly

    if isinstance(value, Mapping):
        return f"({_facts(value)})" if value else plainly(None)
    if isinstance(value, list):
        told = (f"({_value(one, field)})" if isinstance(one, list) else _value(one, field) for one in value)
        return ", ".join(told) or plainly(None)
    return day(value) if isinstance(value, str) and _DAY.fullmatch(value) else plainly(value, field)
