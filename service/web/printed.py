"""The foot of what is printed: which state a sheet tells, who printed it when, and by what it is found again and proven."""

import base64
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _

from service.api.current import office
from service.receipts import ReceiptTooLarge, qr
from service.web import ask, moment
from service.web.frame import same

#: By the step that a paper is for: what its link says, its page, and what that is asked.
_SHEETS: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "wksbm.hold_deliberation": (_("Cetak lembar berita acara kosong"), "minutes", {"catatan": 0}),
    "wksbm.form": (_("Cetak berita acara musyawarah"), "minutes", {}),
    "wksbm.appoint_board": (_("Cetak berita acara musyawarah"), "minutes", {}),
    "wksbm.ratify": (_("Cetak rancangan SK"), "decree", {}),
}
SHORT = 16  # characters of a root: enough to find it in a list, and to compare by eye


def foot(told: ask.Told) -> dict[str, Any]:
    """Where in the log an answer stands, and the latest checkpoint: of today also under a sheet of the past, since it
    vouches for all that was recorded before. ``covered`` is false while it does not reach the sheet's position."""
    position, clock = told.body["position"], told.body["clock"]
    latest = ask.now("/log/checkpoints", limit=1, witnesses="false").body["checkpoints"]
    checkpoint = latest[0] if latest else None
    base = office().config.base_url.rstrip("/")
    day = moment.day() or (None if moment.position() else office().today())
    return {
        "position": position,
        "clock": clock,
        "printed": office().now(),
        "checkpoint": checkpoint,
        "short_root": checkpoint["root"][:SHORT] if checkpoint else "",
        "covered": checkpoint is not None and checkpoint["size"] >= position,
        "how_to_check": base + url_for("pages.public_receipt"),
        "found_again": base + same(posisi=position, per=day, darurat=None),
    }


def proof(foot: dict[str, Any], receipt: str | None) -> dict[str, str]:
    """A QR code that can be checked without the office: the signed receipt of what a sheet tells, else, where there is none
    or it does not fit, the latest checkpoint. ``says`` names which; without a checkpoint there is no code."""
    if receipt and (drawing := drawn(receipt)):
        return {"says": "receipt", "qr": drawing}
    if foot["checkpoint"]:
        return {"says": "checkpoint", "qr": drawn(ask.now("/log/checkpoint").body["text"])}
    return {"says": "", "qr": ""}


def drawn(note: str) -> str:
    """A signed text as a QR code for a page; nothing when it does not fit into one."""
    with suppress(ReceiptTooLarge):
        return f"data:image/svg+xml;base64,{base64.b64encode(qr(note)).decode()}"
    return ""


def sheet_of(command: str, places: Mapping[str, str]) -> tuple[Any, str] | None:
    """The words and the address of the paper that is printed for a step, from the form that records it."""
    if command not in _SHEETS:
        return None
    label, endpoint, asked = _SHEETS[command]
    return label, url_for(f"pages.{endpoint}", id=places["stream"], **asked)
