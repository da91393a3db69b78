"""A sample of closed cases drawn by a seed that the auditor names: anybody draws the same ones from the same list."""

import hashlib
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _

from service.web import accounts, ask
from service.web.frame import page

MOST_DRAWN = 100


def draws(seed: str, size: int, count: int) -> list[int]:
    """The first ``count`` different places, from 1 to ``size``, that a seed draws: as `tools/verify_casebook.py` draws."""
    found: dict[int, None] = {}
    number = 0
    while len(found) < min(count, size):
        digest = hashlib.sha256(f"{seed}\n{number}".encode()).digest()
        found[1 + int.from_bytes(digest, "big") % size] = None
        number += 1
    return list(found)


@page("/jejak/sampel", "sample.html", "replay.read")
def sample() -> Any:
    """Closed cases in the order in which a seed draws them, each with its replay."""
    seed, wanted = request.args.get("benih", "").strip(), request.args.get("banyak", "10").strip()
    values: dict[str, Any] = {"seed": seed, "wanted": wanted, "most": MOST_DRAWN, "wrong": "", "drawn": None}
    if not seed:
        return values
    if not (wanted.isdecimal() and 1 <= int(wanted) <= MOST_DRAWN):
        return {**values, "wrong": _("Tulis angka 1 sampai %(most)s.", most=MOST_DRAWN)}, 422
    cases = closed_cases()
    drawn = [{"place": place, **cases[place - 1]} for place in draws(seed, len(cases), int(wanted))] if cases else []
    return {**values, "drawn": drawn, "size": len(cases), "names": accounts.names(accounts.known(roles=False))}


def closed_cases() -> list[dict[str, Any]]:
    """Every closed case within reach, in the order of their ids."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        told = ask.get("/cases", open="false", people="false", limit=500, cursor=cursor)
        found, cursor = found + told.data, told.body.get("next_cursor")
    return sorted(found, key=lambda row: str(row["id"]))
