"""Referrals: the board of what was sent and what came of it, and the steps of one."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _

from service.web import around, ask, words
from service.web.frame import may, page

MANY = 200
STUCK_DAYS = 7  # without a step, before whoever sent it is told that it is stuck
LEFT_TO_HER = 3  # days in which she can ask the destination before it comes to whoever steers as well
STATES = {
    "diajukan": _("Menunggu jawaban"),
    "dikembalikan": _("Dikembalikan untuk dilengkapi"),
    "diterima": _("Diterima"),
    "dijadwalkan": _("Dijadwalkan"),
    "ditangani": _("Sedang ditangani"),
    "selesai": _("Selesai"),
    "ditolak": _("Ditolak"),
    "dialihkan": _("Diteruskan ke tempat lain"),
    "dibatalkan": _("Ditarik kembali"),
    "tidak_hadir": _("Tidak datang"),
    "kedaluwarsa": _("Lewat waktu tanpa jawaban"),
    "persetujuan_ditarik": _("Persetujuan ditarik"),
}
STEPS = {
    "submitted": _("Dikirim"),
    "accepted": _("Diterima"),
    "rejected": _("Ditolak"),
    "returned": _("Dikembalikan untuk dilengkapi"),
    "resubmitted": _("Dikirim lagi"),
    "scheduled": _("Dijadwalkan"),
    "handled": _("Mulai ditangani"),
    "completed": _("Selesai ditangani"),
    "forwarded": _("Diteruskan ke tempat lain"),
    "withdrawn": _("Ditarik kembali"),
    "client_absent": _("Warga tidak datang"),
    "expired": _("Lewat waktu tanpa jawaban"),
    "feedback_received": _("Umpan balik diterima"),
}
AGES = {"days_7": _("0–7 hari"), "days_14": _("8–14 hari"), "days_30": _("15–30 hari"), "days_90": _("31–90 hari")}
AGES |= {"more": _("Lebih lama")}
_FILTERS = {"keadaan": "state", "tujuan": "destination_kind", "desa": "village", "umur": "age"}
#: The commands that carry a referral on, by its state: those that come next stand first.
NEXT = {
    "diajukan": ("accept", "reject", "return_incomplete", "schedule", "handle", "complete", "forward", "withdraw"),
    "dikembalikan": ("resubmit", "forward", "withdraw", "expire"),
    "diterima": (
        "schedule",
        "handle",
        "complete",
        "reject",
        "return_incomplete",
        "note_absence",
        "forward",
        "withdraw",
    ),
    "dijadwalkan": ("handle", "note_absence", "schedule", "complete", "return_incomplete", "forward", "withdraw"),
    "ditangani": ("complete", "receive_feedback", "return_incomplete", "forward", "withdraw"),
}
#: What the office does by itself; the others are the destination's word.
OURS = frozenset(f"referral.{name}" for name in ("resubmit", "forward", "withdraw", "expire"))


def stuck_days() -> int:
    """After how many days without a step a referral is told as stuck to whoever looks: first to those who send or answer
    referrals, then to those who only oversee them."""
    return STUCK_DAYS if may("referral.record", "referral.answer") else STUCK_DAYS + LEFT_TO_HER


@page("/rujukan", "referrals.html", "referral.read")
def referrals() -> Any:
    """Open referrals by destination and age, those without an answer first, then those that stand still."""
    asked = request.args
    wanted = {name: asked.get(said) for said, name in _FILTERS.items()}
    wanted |= {"silent": "true"} if asked.get("diam") else {}
    wanted |= {"stuck": str(stuck_days())} if asked.get("macet") else {}
    filtered = any(wanted.values())
    following = None
    if filtered or asked.get("lanjut"):
        told = ask.get("/referrals", limit=MANY, people=_named(), cursor=asked.get("lanjut"), **wanted)
        rows, following = told.data, told.body.get("next_cursor")
    else:
        rows = _first_things_first()
    summary = ask.get("/referrals/summary", stuck=stuck_days())
    return {
        "rows": rows,
        "following": following,
        "named": _named(),
        "filtered": filtered,
        "summary": summary.data,
        "why": summary.body["why"],
        "villages": around.villages(),
        "kinds": words.options("referral.destinations"),
        "states": STATES,
        "ages": AGES,
        "stuck_days": stuck_days(),
    }


def _named() -> str:
    """Whether the list names whom each referral is about: to those who ask after them, not to those who only oversee."""
    return "true" if may("referral.record", "case.assign") else ""


def _first_things_first() -> list[dict[str, Any]]:
    """Open referrals: unanswered past their day, then without a step for long, then the others; each the oldest first."""
    told = ask.get("/referrals", limit=MANY, people=_named(), open="true")
    rows = told.data
    if told.body.get("next_cursor"):  # then the oldest, of which these mostly are, are beyond it
        for wanted in ({"silent": "true"}, {"stuck": stuck_days()}):
            rows = rows + ask.get("/referrals", limit=MANY, people=_named(), **wanted).data

    def place(row: dict[str, Any]) -> tuple[bool, bool, str]:
        return not row["silent"], (row["idle_days"] or 0) < stuck_days(), row["last_on"] or ""

    return sorted({row["id"]: row for row in rows}.values(), key=place)


@page("/rujukan/<id>", "referral.html", "referral.read")
def referral(id: str) -> Any:
    """One referral: who did which step when, how long it took, and what may come next."""
    row = ask.get(f"/referrals/{id}").data
    following = _next(row)
    return {
        "row": row,
        "version": row["version"],
        "village": around.villages().get(row["village"] or "", row["village"]),
        "officers": around.officers(),
        "heard": [one for one in following if one[0] not in OURS],
        "ours": [one for one in following if one[0] in OURS],
        "states": STATES,
        "steps": STEPS,
        "stuck_days": stuck_days(),
        "link": around.link,
    }


def _next(row: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    here = {"stream": row["id"]}
    if row["consent_withdrawn"] and row["open"]:
        return [("referral.withdraw", here)]
    commands = NEXT.get(row["state"], ())
    if row["state"] == "diajukan" and row["silent"]:
        commands = (*commands, "expire")
    if row["state"] == "selesai" and not row["loop_closed"]:
        commands = ("receive_feedback",)

    return [(f"referral.{name}", here) for name in commands]
