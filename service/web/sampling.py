"""A sample of closed cases drawn by a seed that the auditor names: anybody draws the same ones from the same list."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _

from service.api.cases_sampled import MOST_DRAWN
from service.web import accounts, ask
from service.web.frame import page


@page("/jejak/sampel", "sample.html", "replay.read")
def sample() -> Any:
    """Closed cases in the order in which a seed draws them, each with its replay."""
    seed, wanted = request.args.get("benih", "").strip(), request.args.get("banyak", "10").strip()
    values: dict[str, Any] = {"seed": seed, "wanted": wanted, "most": MOST_DRAWN, "wrong": "", "drawn": None}
    if not seed:
        return values
    if not (wanted.isdecimal() and 1 <= int(wanted) <= MOST_DRAWN):
        return {**values, "wrong": _("Tulis angka 1 sampai %(most)s.", most=MOST_DRAWN)}, 422
    told = ask.get("/cases/sample", seed=seed, count=wanted).data
    return {**values, **told, "names": accounts.names(accounts.known(roles=False))}
