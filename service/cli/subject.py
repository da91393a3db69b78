"""Requests of people about their own data from the command line: ``subject``."""

import click

from service.cli.output import as_json, opened
from service.cli.people import SYSTEM


@click.group()
def subject() -> None:
    """Requests of people about their own data."""


@subject.command("report")
@click.argument("request")
@as_json
def report(request: str, json_output: bool) -> None:
    """Print everything the office holds about the person who asks: her data in the clear, others' masked.

    REQUEST is the id of a request for access or portability of somebody whose identity was checked. With --json the
    document for machines, whose SHA-256 the fulfilment of the request records. Whoever may run this may read the keys:
    it is the data protection officer's, and leaves a file that must be handed over or destroyed.

    \b
    Examples:
      wahana subject report 01a20a4d-8e22-7cd5-a514-4f5b8cff7be7
      wahana subject report 01a20a4d-8e22-7cd5-a514-4f5b8cff7be7 --json | sha256sum
    """
    from service.subject_report import of_request, written

    here = opened()
    here.trail.begin()
    with here.views.at(wait_for=here.reader.head()[0]) as view:
        found = of_request(here, view, request)
    # No entry, no reading.
    here.trail.write(here.trail.end(), account="wahana subject report", post=SYSTEM, resource="wahana subject report")
    click.echo(written(found["document"]) if json_output else found["text"], nl=False)
