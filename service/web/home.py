"""The first page: what whoever is signed in can do here; and the receipt of what was recorded."""

from typing import Any

import msgspec
from flask import current_app
from flask_babel import lazy_gettext as _

from service.api.current import asked, principal
from service.api.rights import HERSELF, SIGNED_IN
from service.web import ask
from service.web.frame import may, page
from service.web.help import IN_THE_FIELD
from service.web.referrals import stuck_days


class Entry(msgspec.Struct, frozen=True):
    """One entry of the menu: a page, its name, what it is for, and the actions of which one opens it."""

    endpoint: str
    label: Any
    about: Any
    actions: tuple[str, ...]


MENU = (
    Entry("home", _("Beranda"), "", ()),
    Entry("villages", _("Desa"), _("WKSBM, kelompok dan angka tiap desa"), ("board.read",)),
    Entry("people", _("Warga"), _("Cari dan daftarkan warga"), ("beneficiary.read",)),
    Entry("cases", _("Kasus"), _("Yang terlambat lebih dulu"), ("case.read",)),
    Entry("referrals", _("Rujukan"), _("Yang dikirim, dan kabarnya"), ("referral.read",)),
    Entry("incidents", _("Bencana"), _("Kejadian, korban, dan bantuannya"), ("incident.read",)),
    Entry(
        "supervision",
        _("Pengawasan"),
        _("Beban kerja, keterlambatan, persetujuan"),
        ("case.approve", "emergency.review"),
    ),
    Entry("trends", _("Cakupan"), _("WKSBM dari bulan ke bulan, dan menurut kecamatan"), ("indicator.record",)),
    Entry("periods", _("Laporan"), _("Angka suatu periode, dulu dan kini"), ("indicator.record",)),
    Entry("explorer", _("Jejak"), _("Catatan, bukti, dan siapa membaca apa"), ("events.read",)),
    Entry(
        "protection",
        _("Pelindungan data"),
        _("Permintaan warga, masa simpan, pemusnahan"),
        ("subject_request.read", "destruction.read"),
    ),
    Entry("administration", _("Pengelolaan"), _("Akun, peran, tampilan, kesehatan"), ("account.manage",)),
)


def menu() -> list[Entry]:
    """The pages that whoever looks may open."""
    if asked().enrolling:
        return []
    served = current_app.view_functions
    return [one for one in MENU if f"pages.{one.endpoint}" in served and (not one.actions or may(*one.actions))]


@page("/", "home.html", SIGNED_IN)
def home() -> Any:
    """Where everybody begins: what waits today, and how far the villages are."""
    told = ask.maybe("/coverage")
    found = {"coverage": told.data["kabupaten"], "why": told.body["why"]} if told.fine else {"coverage": None}
    theirs = ask.maybe("/cases/transfers") if may("case.record") else None
    me = principal().account
    return {
        **found,
        **_waiting(),
        "transfers": [one for one in theirs.data if me in (one["worker"], one["transfer_to"])]
        if theirs and theirs.fine
        else [],
        "stuck_days": stuck_days(),
        "in_the_field": not IN_THE_FIELD.isdisjoint(principal().roles),
    }


def _waiting() -> dict[str, Any]:
    """What waits, in counts alone, so that nobody's record is opened by it: one's own cases, those of all for whoever
    steers, and referrals that nobody answers or that stand still."""
    load = ask.maybe("/caseload") if may("case.record", "case.assign") else None
    workers = load.data["workers"] if load and load.fine else []
    theirs = ("open", "overdue", "assessments_pending", "plans_pending", "closures_pending", "transfers_pending")
    sent = ask.maybe("/referrals/summary", stuck=stuck_days()) if may("referral.read") else None
    return {
        "mine": next((one for one in workers if one["worker"] == principal().account), None),
        "nobody": sum(one["open"] for one in workers if not one["worker"]),
        "all": {name: sum(one[name] for one in workers) for name in theirs} if may("case.assign") else None,
        "load": load.body["why"] if load and load.fine else {},
        "referrals": sent.data if sent and sent.fine else None,
        "sent": sent.body["why"]["summary"] if sent and sent.fine else "",
    }


@page("/tanda-terima/<command>", "receipt.html", HERSELF)
def receipt(command: str) -> Any:
    """The receipt of a command of one's own, as text and as a code to be shown."""
    return {"command": command, "told": ask.now(f"/commands/{command}/receipt").body}
