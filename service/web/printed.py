"""The foot of what is printed: which state a sheet tells, who printed it when, and by what it is found again."""

from typing import Any

from service.api.current import office
from service.web import ask, moment
from service.web.frame import same

SHORT = 16  # characters of a root: enough to find it in a list, and to compare by eye


def foot(told: ask.Told) -> dict[str, Any]:
    """Where in the log an answer stands, and the latest checkpoint: of today also under a sheet of the past, since it
    vouches for all that was recorded before. ``covered`` is false while it does not reach the sheet's position."""
    position, clock = told.body["position"], told.body["clock"]
    latest = ask.now("/log/checkpoints", limit=1, witnesses="false").body["checkpoints"]
    checkpoint = latest[0] if latest else None
    day = moment.day() or (None if moment.position() else office().today())
    return {
        "position": position,
        "clock": clock,
        "printed": office().now(),
        "checkpoint": checkpoint,
        "short_root": checkpoint["root"][:SHORT] if checkpoint else "",
        "covered": checkpoint is not None and checkpoint["size"] >= position,
        "found_again": office().config.base_url.rstrip("/") + same(posisi=position, per=day, darurat=None),
    }
