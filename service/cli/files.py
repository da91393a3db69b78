"""Looking after stored files: ``files sweep``."""

from datetime import datetime

import click

from service.cli.output import as_json, opened, show


@click.group()
def files() -> None:
    """Papers and photographs."""


@files.command()
@as_json
def sweep(json_output: bool) -> None:
    """Remove the files that were uploaded more than a day ago and that no event refers to. Safe to run at any time.

    \b
    Example:
      wahana files sweep
    """
    here = opened()
    removed = here.files.sweep(int(datetime.fromisoformat(here.now()).timestamp() * 1000))
    show({"removed": removed}, [f"{removed} files removed"], json_output)
