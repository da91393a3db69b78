"""Carrying out destructions: ``destroy``."""

from collections.abc import Callable, Iterator
from typing import Any

import click
import msgspec

from domain.destruction_state import NotBegun
from domain.refusals import NotFound
from service.certificate import certificate
from service.cli.output import as_json, opened, say, show
from service.destroying import Destroyer, begun
from service.office import Office
from service.restored import shred_what_came_back

_SAID = {
    "closed": "no new keys for these people",
    "begun": "recorded that it has begun",
    "listed": "on the shred list",
    "keys": "keys destroyed",
    "parts": "parts, tokens and files destroyed",
    "rewritten": "database files rewritten",
    "recorded": "recorded that nothing is left",
}


@click.command()
@click.argument("destruction", required=False)
@click.option(
    "--certificate", "only_certificate", is_flag=True, help="Print the certificate of one that is carried out."
)
@click.option("--restored", is_flag=True, help="Only apply the shred list to a backup that was put back.")
@as_json
def destroy(destruction: str | None, only_certificate: bool, restored: bool, json_output: bool) -> None:
    """Carry out a destruction that two others approved and whose minutes are recorded, and print its certificate.

    Without DESTRUCTION, goes on with those that were begun. Either destroys the documents whose hold was lifted since as
    well; a destruction or a person that fails does not stop the others. Safe to interrupt: run it again. Writers wait while
    the database is rewritten, so run it in the evening. On PostgreSQL it needs WAHANA_DESTROYER_URL. Exit code 75 while
    another one works or somebody keeps reading an old state.

    \b
    Example:
      wahana destroy 0191f0aa-0000-7000-8000-000000000000
      wahana destroy 0191f0aa-0000-7000-8000-000000000000 --certificate
    """
    here = opened(restored=False)
    again = shred_what_came_back(here)
    if restored:
        told = msgspec.structs.asdict(again)
        show(told, [f"{again.keys} keys and {again.people} people destroyed again"], json_output)
        return
    if only_certificate:
        if not destruction:
            raise click.UsageError("--certificate needs DESTRUCTION")
        made = [certificate(here, destruction)]
    else:
        done, failed = _carried_out(here, destruction)
        made = _certificates(here, done)
    show(made, (one["text"] for one in made), json_output)
    if failed:
        raise failed[0]


def _carried_out(here: Office, destruction: str | None) -> tuple[list[str], list[Exception]]:
    """The destructions that were carried out, and what stopped others, or people of theirs: one never stops the next."""
    destroyer = Destroyer(here, lambda step: say(f"wahana: {_SAID[step]}"))

    def work() -> Iterator[tuple[Callable[[str], str], str]]:
        for one in [destruction] if destruction else begun(here):
            yield destroyer.carry_out, one
        if destruction:
            people = [] if stopped else destroyer.people(destruction)
        else:
            people = destroyer.unfinished(besides=stopped)
        for one in people:
            yield destroyer.finish, one

    done, failed, stopped = list[str](), list[Exception](), set[str]()
    try:
        for carry_out, one in work():
            try:
                done.append(carry_out(one))
            except Exception as error:  # whatever it was: the others still go, and the first is raised at the end
                say(f"wahana: {one}: not carried out: {getattr(error, 'sentence', error)}")
                failed.append(error)
                stopped.add(one)  # what is left of its people is part of it, when it is gone on with
    finally:
        destroyer.close()
    return list(dict.fromkeys(done)), failed


def _certificates(here: Office, destructions: list[str]) -> list[dict[str, Any]]:
    made = []
    for one in destructions:
        try:
            made.append(certificate(here, one))
        except (NotFound, NotBegun):
            say(f"wahana: {one}: carried out after the backup that was put back; its printed certificate stands")
    return made
