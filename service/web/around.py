"""What pages write in place of codes and ids: names of villages and of officers, and links to pages that are served."""

from typing import Any

from flask import current_app

from service.api.current import principal
from service.web import accounts, ask
from service.web.frame import address, may
from service.web.places import PAGES


def villages() -> dict[str, str]:
    """The names of the villages by code, as they were called at the moment of the page."""
    told = ask.maybe("/territory")
    return {one["code"]: one["name"] for one in told.data["villages"]} if told.fine else {}


def workers() -> dict[str, str]:
    """The officers who may be given a case, by account, for whoever may read cases; else none."""
    found: dict[str, str] = {}
    cursor: str | None = "" if may("case.read") else None
    while cursor is not None:
        told = ask.get("/officers", limit=500, cursor=cursor)
        found |= {one["account"]: f"{one['name']}, {one['post']}" for one in told.data}
        cursor = told.body.get("next_cursor")
    return found


def officers(entries: list[dict[str, Any]] | None = None) -> dict[str, str]:
    """What officers are called, by account: by their names for whoever may read accounts, else by the posts that
    ``entries`` of a history tell; and whoever looks by her own name."""
    found = {one["by"]: one["post"] for one in entries or () if one["post"]}
    found |= accounts.names(accounts.known(roles=False) if may("account.read") else {})
    return found | {principal().account: principal().name}


def link(noun: str, id: str | None) -> str | None:
    """The page of a record at the moment of this page; ``None`` when none shows it."""
    endpoint = PAGES.get(noun, "")
    return address(endpoint, id=id) if id and f"pages.{endpoint}" in current_app.view_functions else None
