"""Who is due for destruction by the archive schedule: ``retention due``."""

from collections import Counter
from typing import Any

import click

from projections import retention_lists
from service.cli.output import as_json, opened, show


@click.group()
def retention() -> None:
    """The archive schedule (JRA): what is due, and what prevents it."""


@retention.command()
@click.option("--all", "everybody", is_flag=True, help="List those too who are not due, each with the reason.")
@as_json
def due(everybody: bool, json_output: bool) -> None:
    """List whose period is over, by class, and count what prevents the others; and the documents whose hold was lifted
    after their person was destroyed. Changes nothing.

    \b
    Example:
      wahana retention due
      wahana retention due --all --json
    """
    here = opened()
    here.views.catch_up(bounded=False)
    rows, prevented, others = [], Counter[str](), 0
    documents: list[dict[str, Any]] = []
    with here.views.at(None) as view:
        for row in retention_lists.everybody(view, here.today()):
            if row["due"] or everybody:
                rows.append(row)
            if not row["due"]:
                others += 1
                prevented.update(row["prevents"])
        for one in retention_lists.held_documents(view):
            if one["due"] or (everybody and not one["destroyed_on"]):
                documents.append(one)
    rows.sort(key=lambda row: (row["code"] or "", row["id"]))

    def lines() -> list[str]:
        told = []
        for row in rows:
            why = "musnah" if row["due"] else ", ".join(row["prevents"])
            told.append(f"{row['code'] or '-'}  {row['id']}  {row['began'] or '-'} .. {row['ends'] or '-'}  {why}")
        for one in documents:
            why = "musnah" if one["due"] else ", ".join(one["prevents"])
            told.append(f"surat  {one['hold']}  {one['held_on']} .. {one['lifted_on'] or '-'}  {why}")
        return [*told, f"{sum(row['due'] for row in rows)} due, {others} not: {dict(sorted(prevented.items()))}"]

    show(
        {"people": rows, "documents": documents, "not_due": others, "prevented_by": dict(sorted(prevented.items()))},
        lines(),
        json_output,
    )
