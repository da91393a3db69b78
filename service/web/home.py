"""The first page: what whoever is signed in can do here; and the receipt of what was recorded."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from flask import current_app
from flask_babel import format_timedelta
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _many

from service.api.current import asked, office, principal
from service.api.rights import HERSELF, SIGNED_IN
from service.web import ask, bodies, explorer, moment, protection, territory
from service.web.frame import may, page, reach_of
from service.web.help import IN_THE_FIELD
from service.web.referrals import stuck_days

MOST_UNSEALED, MOST_UNVERIFIED = timedelta(minutes=1), timedelta(days=2)  # the alarms of docs/operations.md


class Entry(msgspec.Struct, frozen=True):
    """One entry of the menu: a page, its name, what it is for, and the actions of which one opens it."""

    endpoint: str
    label: Any
    about: Any
    actions: tuple[str, ...]


# An entry names many, and a page one, by the same Indonesian word, of which other languages have two.
MENU = (
    Entry("home", _("Beranda"), "", ()),
    Entry("villages", _many("many", "Desa"), _("WKSBM, kelompok dan angka tiap desa"), ("board.read",)),
    Entry("people", _many("many", "Warga"), _("Cari dan daftarkan warga"), ("beneficiary.read",)),
    Entry("cases", _many("many", "Kasus"), _("Yang terlambat lebih dulu"), ("case.read",)),
    Entry("referrals", _many("many", "Rujukan"), _("Yang dikirim, dan kabarnya"), ("referral.read",)),
    Entry("incidents", _many("many", "Bencana"), _("Kejadian, korban, dan bantuannya"), ("incident.read",)),
    Entry(
        "supervision",
        _("Pengawasan"),
        _("Beban kerja, keterlambatan, persetujuan"),
        ("case.approve", "emergency.review", "reading.read"),
    ),
    Entry("trends", _("Cakupan"), _("WKSBM dari bulan ke bulan, dan menurut kecamatan"), ("board.read",)),
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

#: What a page is for to whoever may not do these things there, the first that she may not.
_LESS = {
    "people": (("beneficiary.record", _("Cari warga")),),
    "supervision": (
        ("board.read", _("Akses darurat yang harus ditinjau")),
        ("case.approve", _("Beban kerja, yang macet, akses darurat")),
    ),
    "protection": (("subject_request.read", _("Masa simpan, pemusnahan")),),
}


def only_restricted(action: str) -> bool:
    """Whether an action reaches only those whose processing is restricted, who are not for anybody else to see."""
    reach = reach_of(action)
    return not reach.empty and msgspec.structs.replace(reach, restricted=False).empty


def _about(entry: Entry) -> Any:
    """What a page is for, to whoever looks."""
    if entry.actions and only_restricted(entry.actions[0]):
        return _("Hanya tentang warga yang pemrosesannya dibatasi")
    return next((less for need, less in _LESS.get(entry.endpoint, ()) if not may(need)), entry.about)


def menu() -> list[Entry]:
    """The pages that whoever looks may open."""
    if asked().enrolling:
        return []
    served = current_app.view_functions
    open_ = (one for one in MENU if f"pages.{one.endpoint}" in served and (not one.actions or may(*one.actions)))
    return [msgspec.structs.replace(one, about=_about(one)) for one in open_]


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
        "own": _own_village(),
        "decides": _to_decide(),
        "health": _health(),
        "transfers": [one for one in theirs.data if me in (one["worker"], one["transfer_to"])]
        if theirs and theirs.fine
        else [],
        "stuck_days": stuck_days(),
        "in_the_field": not IN_THE_FIELD.isdisjoint(principal().roles),
    }


def _own_village() -> dict[str, Any] | None:
    """The village of whoever serves one alone, and how far each of its WKSBM is: its name, stage and next step."""
    areas = reach_of("wksbm.record").areas
    if len(areas) != 1 or len(areas[0]) != territory.VILLAGE_CODE:
        return None
    told = ask.maybe("/wksbm", village=areas[0])
    return {"code": areas[0], "bodies": [(row, *bodies.next_of(row)) for row in told.data]} if told.fine else None


def _sees_referrals() -> bool:
    return may("referral.read") and not only_restricted("referral.read")


def _waiting() -> dict[str, Any]:
    """What waits, in counts alone, so that nobody's record is opened by it: one's own cases, those of all for whoever
    steers, referrals that nobody answers or that stand still, and what people ask of their data, with the nearest clock."""
    load = ask.maybe("/caseload") if may("case.record", "case.assign") else None
    workers = load.data["workers"] if load and load.fine else []
    theirs = ("overdue", "disputed", "assessments_pending", "plans_pending", "closures_pending")
    sent = ask.maybe("/referrals/summary", stuck=stuck_days()) if _sees_referrals() else None
    asked_for = ask.maybe("/subject-requests", open="true", limit=500) if may("subject_request.read") else None
    requests = [one for one in asked_for.data if not one["done_at"]] if asked_for and asked_for.fine else []
    lefts = [(protection.left(one, asked_for.body["clock"]), one) for one in requests] if asked_for else []
    return {
        "requests": requests,
        "nearest": min(lefts, key=lambda one: one[0], default=None),
        "mine": next((one for one in workers if one["worker"] == principal().account), None),
        "nobody": sum(one["open"] for one in workers if not one["worker"]),
        "all": {name: sum(one[name] for one in workers) for name in theirs} if may("case.assign") else None,
        "load": load.body["why"] if load and load.fine else {},
        "referrals": sent.data if sent and sent.fine else None,
        "sent": sent.body["why"]["summary"] if sent and sent.fine else "",
    }


def _to_decide() -> dict[str, Any]:
    """What waits for a second person and was not begun by whoever looks; ``None`` of what she does not decide on."""
    told = ask.maybe("/decisions")
    if not told.fine and told.status != 403:
        raise ask.ToldOtherwise(told)
    return dict(told.data) if told.fine else {}


def _health() -> dict[str, Any] | None:
    """What whoever does nothing but look after the service looks at each day, and what of it is wrong; ``None`` for the
    others, who have it a tap away, of a past moment, and while the databases cannot be asked."""
    looks = may("account.manage") and not may("board.read") and not moment.past()
    told = explorer.health() if looks else {}
    if "sealed" not in told:
        return None
    sealed, verified = told["sealed"], told["verified"]
    waiting = timedelta(seconds=sealed["unsealed_seconds"])
    since = datetime.fromisoformat(office().now()) - datetime.fromisoformat(verified["at"]) if verified else None
    return {
        "late": len({*told["replaced"], *told["missing"], *told["late"]}),
        "aside": len(told["set_aside"]),
        "unsealed": sealed["unsealed"],
        "waiting": format_timedelta(waiting) if sealed["unsealed"] else "",
        "unsealed_long": waiting > MOST_UNSEALED,
        "verified": verified,
        "unverified": since is None or since > MOST_UNVERIFIED or bool(verified["differing"] or verified["unread"]),
    }


@page("/tanda-terima/<command>", "receipt.html", HERSELF)
def receipt(command: str) -> Any:
    """The receipt of a command of one's own, as text and as a code to be shown."""
    return {"command": command, "told": ask.now(f"/commands/{command}/receipt").body}
