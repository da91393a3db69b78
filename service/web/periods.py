"""What happened in a period: as it was reported then and as it is known now, with the events that make the difference."""

from datetime import timedelta
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _

from service.api.current import office
from service.web import ask, moment
from service.web.frame import page

#: What each figure of a period is called in short; its number leads to its definition.
TITLES = {
    "registered": _("Warga yang didaftarkan"),
    "cases_opened": _("Kasus yang dibuka"),
    "cases_terminated": _("Kasus yang diakhiri"),
    "referrals_sent": _("Rujukan yang dikirim"),
    "referrals_completed": _("Rujukan yang selesai ditangani"),
    "referrals_returned": _("Rujukan yang dikembalikan"),
    "wksbm_formed": _("WKSBM yang terbentuk"),
    "wksbm_ratified": _("WKSBM yang ditetapkan dengan SK"),
    "activities": _("Kegiatan WKSBM"),
}


@page("/laporan", "periods.html", "board.read")
def periods() -> Any:
    """The figures of a period; with a day on which it was reported, also what they were said to be."""
    begin, end = _period()
    asked = request.args
    period = {"begin": begin, "end": end, "kecamatan": asked.get("kecamatan", "")}
    reported = asked.get("dilaporkan", "")
    told = ask.get("/periods", **period)
    values = {"figures": told.data["figures"], "why": told.body["why"], "differences": None}
    values |= {"reported": reported, "begin": begin, "end": end}
    if reported:
        then = ask.get("/periods/difference", reported=moment.end_of(reported), limit=20, **period)
        values |= {"differences": then.data["figures"], "then": then.data["reported"]}
        values["why"] = then.body["why"]
    kecamatan = ask.get("/coverage").data["kecamatan"]
    return {**values, "kecamatan": kecamatan, "chosen": period["kecamatan"], "titles": TITLES}


def _period() -> tuple[str, str]:
    """The days asked for; without them the month before this one."""
    first = office().today().replace(day=1)
    last = first - timedelta(days=1)
    usual = (last.replace(day=1), last)
    given = (request.args.get("mulai", ""), request.args.get("sampai", ""))
    begin, end = (text or day.isoformat() for text, day in zip(given, usual, strict=True))
    return begin, end
