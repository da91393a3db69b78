"""Papers that a village signs, drafted from the record: its head's decree on a board, and the minutes of a deliberation.

They are Indonesian in every language of the page. What is not recorded is left blank, to be filled in by hand.
"""

from typing import Any

from flask import render_template, request
from flask_babel import lazy_gettext as _

from domain.refusals import NotFound
from domain.villages import kind_of
from service.web import ask, bodies, printed, words
from service.web.frame import page

_USUAL = ("ketua", "sekretaris", "bendahara")


@page("/wksbm/<id>/sk", "paper.html", "wksbm.read")
def decree(id: str) -> Any:
    """The draft of the decree (SK) on the latest board; of a board without a record, a form with its usual posts."""
    told = ask.get(f"/wksbm/{id}")
    body = told.data
    board = body["boards"][-1] if body["boards"] else None
    since = board["version"] if board else 0
    signed = next((one for one in reversed(body["sks"]) if one["version"] > since), None)
    seats = board["members"] if board else [{"office": one, "name": ""} for one in _USUAL]
    version = (signed or board or {}).get("version")
    step = ask.get(f"/wksbm/{id}/steps/{version}").data if version else None
    return _paper("decree_text.html", _("Rancangan SK pengurus"), told, step, board=board, signed=signed, seats=seats)


@page("/wksbm/<id>/berita-acara", "paper.html", "wksbm.read")
def minutes(id: str) -> Any:
    """The minutes of the deliberation recorded as ``catatan``, else of the latest; blank where there is none, and for
    ``catatan=0``."""
    told = ask.get(f"/wksbm/{id}")
    asked = request.args.get("catatan", "")
    held = [] if asked == "0" else bodies.deliberations(ask.get(f"/wksbm/{id}/history").data)
    if asked.strip("0"):
        held = [one for one in held if str(one["version"]) == asked]
        if not held:
            raise NotFound
    step = ask.get(f"/wksbm/{id}/steps/{held[-1]['version']}").data if held else None
    return _paper("minutes_text.html", _("Berita acara musyawarah"), told, step)


def _paper(template: str, title: Any, told: ask.Told, step: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    body, foot = told.data, printed.foot(told)
    code = body["village"]
    named = {one["code"]: one for one in ask.get("/territory").data["villages"]}
    village = named.get(code) or {"name": code, "kind": kind_of(code), "kecamatan_name": ""}
    proof = printed.proof(foot, step["receipt"] if step else None)
    with words.kept():
        text = render_template(template, body=body, village=village, step=step, foot=foot, proof=proof, **more)
    return {"title": title, "text": text, "body": body}
