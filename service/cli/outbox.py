"""Taking in what was recorded where there is no link at all: ``import-outbox``."""

import sys
from pathlib import Path

import click

from service.cli.output import as_json, opened, show

STATES = {200: "recorded before", 201: "recorded"}


@click.command(name="import-outbox")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def import_outbox(file: Path, json_output: bool) -> None:
    """Record what lies in an outbox that a device saved as FILE. However often it is brought, each entry counts once.

    Exit code 1 when an entry was refused; the others stand.

    \b
    Example:
      wahana import-outbox kotak-keluar-2026-11-27.wahana
    """
    from service.api.outbox import results_of
    from service.app import build

    here = opened()
    with build(here.config, here).test_request_context():
        results = results_of(file.read_bytes(), most=None)
    show(
        results,
        [f"{one['key']}  {STATES.get(one['status']) or 'refused: ' + one.get('detail', '')}" for one in results],
        json_output,
    )
    if any(one["status"] >= 400 for one in results):
        sys.exit(1)
