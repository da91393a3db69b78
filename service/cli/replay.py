"""Replaying from the command line: ``replay``."""

import json
import sys

import click
import msgspec

from projections.source import NewerEvent, Unreadable
from service.cli.output import as_json, opened, say


@click.command()
@click.argument("stream")
@click.option("--until", help="A log position, a day (2026-06-30) or an RFC 3339 time; the end of the log by default.")
@click.option("--state/--no-state", default=True, help="Show the state after each event.")
@as_json
def replay(stream: str, until: str | None, state: bool, json_output: bool) -> None:
    """Tell a stream, or everything about a person, step by step with the state after each event.

    \b
    Example:
      wahana replay 01a20a4d-8e22-7cd5-a514-4f5b8cff7be7 --until 2026-06-30
    """
    from service.replay import steps

    try:
        found = steps(opened(), stream, until)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--until") from None
    except (Unreadable, NewerEvent) as error:
        say(f"wahana: this cannot be replayed: {error}; run: wahana doctor")
        sys.exit(3)
    if json_output:
        click.echo(json.dumps([msgspec.to_builtins(step) for step in found], ensure_ascii=False))
        return
    for step in found:
        click.echo(f"{step.position:>8}  {step.on}  {step.sentence}")
        click.echo(f"          {step.topic} #{step.version}, dicatat {step.recorded} oleh {step.post or step.by}")
        if state:
            for name, value in step.changed.items():
                click.echo(f"            {name} = {json.dumps(value, ensure_ascii=False)}")
