"""Looking after stored files: ``files sweep``."""

import click

from service.cli.output import as_json, opened, show


@click.group()
def files() -> None:
    """Papers and photographs."""


@files.command()
@as_json
def sweep(json_output: bool) -> None:
    """Remove the files that were uploaded more than a day ago and that no event refers to, and the pieces of those that
    never came whole. Safe to run at any time.

    \b
    Example:
      wahana files sweep
    """
    here = opened()
    now = here.milliseconds()
    removed, unfinished = here.files.sweep(now), here.uploads.sweep(now)
    show(
        {"removed": removed, "unfinished": unfinished},
        [f"{removed} files removed", f"{unfinished} unfinished uploads removed"],
        json_output,
    )
