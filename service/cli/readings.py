"""The reading trail from the command line: ``readings``."""

import click

from service.cli.output import as_json, opened, show


@click.command()
@click.argument("stream")
@click.option("--limit", default=500, help="The most readings to show.")
@as_json
def readings(stream: str, limit: int, json_output: bool) -> None:
    """Who opened something sealed about a person while she was of a protected tier, the latest first.

    STREAM is the id of a person, or the id of an account with what it opened.

    \b
    Example:
      wahana readings 01a20a4d-8e22-7cd5-a514-4f5b8cff7be7
    """
    from projections import reading_lists

    here = opened()
    with here.views.at(wait_for=here.reader.head()[0]) as view:
        of_account = view.one("SELECT a.key FROM {accounts} a WHERE a.key = :stream", stream=stream)
        find = reading_lists.by_account if of_account else reading_lists.of_subject
        rows = [
            {name: value for name, value in row.items() if name != "key"} for row in find(view, stream, limit=limit)
        ]
    show(
        rows,
        (
            f"{row['position']:>8}  {row['recorded']}  {row['post'] or row['by']}  {row['resource']}  "
            f"({row['people']} orang)"
            for row in rows
        ),
        json_output,
    )
