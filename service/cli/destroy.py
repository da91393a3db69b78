"""Carrying out destructions: ``destroy``."""

import click
import msgspec

from service.certificate import certificate
from service.cli.output import as_json, opened, say, show
from service.destroying import Destroyer
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

    Without DESTRUCTION, goes on with those that were begun, and destroys the documents whose hold was lifted since. Safe
    to interrupt: run it again. Writers wait while the database is rewritten, so run it in the evening. On PostgreSQL it
    needs WAHANA_DESTROYER_URL. Exit code 75 while another one works or somebody keeps reading an old state.

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
        destroyer = Destroyer(here, lambda step: say(f"wahana: {_SAID[step]}"))
        made = []
        try:
            for one in [destruction] if destruction else destroyer.begun():
                destroyer.carry_out(one)
                made.append(certificate(here, one))
        finally:
            destroyer.close()
    show(made, (one["text"] for one in made), json_output)
