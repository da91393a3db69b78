"""The caseload, and the page of one case: where it stands, what is due, and everything recorded about it."""

from collections.abc import Iterator
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _

from service.api.current import principal
from service.log.ids import new_id
from service.web import around, ask, referrals, words
from service.web.frame import may, page

SHOWN = 100  # also below the table of officers, whose figures all have a link: both within the weight of a page
STAGES = ("diterima", "asesmen", "rencana", "intervensi", "monev", "terminasi")
STAGE_WORDS = {
    "diterima": _("Laporan diterima"),
    "asesmen": _("Asesmen"),
    "rencana": _("Rencana"),
    "intervensi": _("Layanan berjalan"),
    "monev": _("Pemantauan"),
    "terminasi": _("Berakhir"),
}
DUE_WORDS = {
    "respons": _("Tanggapi laporan"),
    "tugas": _("Tugas"),
    "kunjungan": _("Kunjungan"),
    "tinjauan": _("Tinjau kemajuan"),
}
#: What is recorded at a stage: the events of a case whose first one is the day on which it was reached.
REACHED_BY = {
    "diterima": ("case.opened",),
    "asesmen": ("case.assessed",),
    "rencana": ("case.plan_proposed", "case.plan_approved"),
    "intervensi": ("case.service_delivered", "case.emergency_aid_given"),
    "monev": ("case.progress_reviewed",),
    "terminasi": ("case.terminated",),
}
#: The parts of the history that stand under a heading of their own.
PARTS = (
    (
        "asesmen",
        _("Asesmen dan risiko"),
        (
            "case.assessed",
            "case.assessment_approved",
            "case.assessment_returned",
            "case.risk_changed",
            "case.risk_settled",
        ),
    ),
    ("pembahasan", _("Pembahasan kasus"), ("case.conference_held",)),
    ("layanan", _("Layanan dan bantuan"), ("case.service_delivered", "case.emergency_aid_given")),
    ("tinjauan", _("Pemantauan"), ("case.progress_reviewed",)),
    (
        "akhir",
        _("Akhir dan sesudahnya"),
        (
            "case.closure_requested",
            "case.closure_returned",
            "case.terminated",
            "case.aftercare_visited",
            "case.reopened",
        ),
    ),
)
#: What two decide: its name and heading, how it is asked for, returned and otherwise ended, and who decides by which forms.
DECIDED = (
    (
        "assessment",
        _("Asesmen menunggu persetujuan"),
        _("Asesmen dikembalikan"),
        ("case.assessed", "case.assessment_returned", "case.assessment_approved"),
        ("case.approve_assessment", "case.return_assessment"),
    ),
    (
        "closure",
        _("Pengakhiran menunggu persetujuan"),
        _("Pengakhiran dikembalikan"),
        ("case.closure_requested", "case.closure_returned", "case.terminated"),
        ("case.approve_closure", "case.return_closure"),
    ),
)
_FILTERS = {"risiko": "risk", "tahap": "stage", "desa": "village"}
_KIND_OF_STATE = {"buka": True, "tutup": False}


@page("/kasus", "cases.html", "case.read")
def cases() -> Any:
    """One's own caseload, what is overdue first; for whoever steers, the work of each officer; or what a filter asks."""
    asked = request.args
    filtered = any(asked.get(name) for name in (*_FILTERS, "keadaan", "terlambat"))
    steering = not filtered and not asked.get("petugas") and (may("case.assign") or not may("case.record"))
    searched = filtered or steering or asked.get("petugas") == "-"
    wanted = _filtered() if searched else {"open": "true"}
    if not searched and may("board.read"):  # who carries none looks after all those she may read
        wanted["worker"] = asked.get("petugas") or principal().account
    order = "opened" if wanted.get("open") == "false" else "due"
    told = ask.get("/cases", limit=SHOWN, order=order, cursor=asked.get("lanjut"), **wanted)
    workers = ask.maybe("/caseload") if steering or not filtered else None
    found = workers.data["workers"] if workers and workers.fine else []
    return {
        "rows": told.data,
        "following": told.body.get("next_cursor"),
        "filtered": filtered,
        "steering": steering,
        "workers": [one for one in found if one["worker"]] if steering else [],
        "nobody": sum(one["open"] for one in found if not one["worker"]),
        "why": workers.body["why"] if workers and workers.fine else {},
        "officers": around.officers(),
        "villages": around.villages(),
        "stages": STAGE_WORDS,
        "due_words": DUE_WORDS,
        "risks": words.options("case.risks"),
        "link": around.link,
    }


def _filtered() -> dict[str, str | None]:
    """What a filter asks for; the running cases without an officer; to begin with, those that are overdue."""
    asked, wanted = request.args, {name: request.args.get(said) for said, name in _FILTERS.items()}
    nobody = asked.get("petugas") == "-"
    if open_ := "buka" if nobody else asked.get("keadaan", ""):
        wanted["open"] = "true" if _KIND_OF_STATE.get(open_) else "false"
    if nobody:
        wanted["assigned"] = "false"
    elif asked.get("terlambat") or not any(wanted.values()):
        wanted |= {"overdue": "true", "open": "true"}
    return wanted


@page("/kasus/<id>", "case.html", "case.read")
def case(id: str, *, papers: bool = True) -> Any:
    """One case. What became of it event by event comes from the history of the person, as whoever looks may read it."""
    row = ask.get(f"/cases/{id}").data
    entries = entries_of(row, papers=papers)
    told = [one for one in entries if not one["retracted"]]
    return {
        "row": row,
        "version": row["version"],
        "village": around.villages().get(row["village"] or "", row["village"]),
        "officers": around.officers(entries),
        "rail": _rail(row, told),
        "next": _next(row),
        "decisions": list(_decisions(row, told)),
        "others": _others(row),
        "alike_count": around.alike(row, row["beneficiary"]) if papers and row["open"] else 0,
        "parts": [(name, label, [one for one in told if one["topic"] in topics]) for name, label, topics in PARTS],
        "entries": entries,
        "answered": any(_answered(one) for one in row["answers"] if row["disputed"]),
        "visits": [one for one in row["tasks"] if one["kind"] == "visit"],
        "tasks": [one for one in row["tasks"] if one["kind"] != "visit"],
        "stages": STAGE_WORDS,
        "due_words": DUE_WORDS,
        "referral_states": referrals.STATES,
        "link": around.link,
    }


def _decisions(row: dict[str, Any], told: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What waits for somebody else's decision, and what came back and was not asked for again: with what was recorded."""
    for name, waits, came_back, topics, forms in DECIDED if row["open"] else ():
        last = next((one for one in reversed(told) if one["topic"] in (*topics, "case.reopened")), None)
        if row[f"{name}_pending"]:
            asked = next((one for one in reversed(told) if one["topic"] == topics[0]), None)
            mine = asked is not None and asked["by"] == principal().account
            forms_here = [(form, {"stream": row["id"]}) for form in forms]
            yield {"label": waits, "entry": asked, "mine": mine, "forms": forms_here}
        elif last and last["topic"] == topics[1]:
            yield {"label": came_back, "entry": last, "mine": False, "forms": []}


def _answered(answer: dict[str, Any]) -> bool:
    """Whether whoever looks gave one of two answers, not a decision between earlier ones."""
    return bool(answer["by"] == principal().account and answer["topic"] != "case.risk_settled")


def entries_of(row: dict[str, Any], *, papers: bool = True) -> list[dict[str, Any]]:
    """What was recorded of the case, with or without the papers behind it; nothing where the history of the person is
    closed to whoever looks."""
    if not may("beneficiary.read"):
        return []
    told = ask.maybe(f"/beneficiaries/{row['beneficiary']}/history", case=row["id"], papers=None if papers else "false")
    return list(told.data["entries"]) if told.fine else []


def _rail(row: dict[str, Any], told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each stage, how often something was recorded there and when first: stages may be skipped and come again."""
    found = []
    for stage in STAGES:
        days = sorted(one["on"] for one in told if one["topic"] in REACHED_BY[stage])
        if stage == "diterima":
            days = days or [row["opened_on"]]
        if stage == "terminasi":
            days = [row["terminated_on"]] if not row["open"] and row["terminated_on"] else []
        found.append({"code": stage, "days": days, "here": stage == row["stage"]})
    return found


def _next(row: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The commands that carry the case on from where it stands."""
    here: dict[str, Any] = {"stream": row["id"]}
    me = principal().account
    if not row["open"]:
        return [("case.visit_aftercare", here), ("case.reopen", here)]
    found: list[tuple[str, dict[str, Any]]] = []
    if row["transfer_to"] and (row["transfer_to"] == me or may("case.assign")):
        found += [("case.transfer", {**here, "worker": row["transfer_to"]}), ("case.decline_transfer", here)]
    if row["worker"] is None:
        found.append(("case.assign", {**here, "worker": me if may("case.record") else ""}))
    if not row["assessed"]:
        found.append(("case.assess", here))
    elif row["plan_in_force"] is None and row["plan_pending"] is None:
        found.append(("case.propose_plan", here))
    elif row["plan_in_force"] is not None:
        both = [("case.deliver_service", here), ("case.review_progress", here)]
        found += both[::-1] if row["next_kind"] == "tinjauan" and row["overdue"] else both
    found.append(("case.plan_visit", {**here, "visit": new_id(), "visitor": me if may("case.record") else ""}))
    return found


def _others(row: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What else may be recorded of a running case, whatever stands next."""
    here: dict[str, Any] = {"stream": row["id"]}
    if not row["open"]:
        return [("case.raise_tier", here)] if row["tier"] < 3 else []
    shown = {command for command, _values in _next(row)}
    found = [
        ("case.assess", here),
        ("case.change_risk", here),
        ("case.hold_conference", here),
        ("case.propose_plan", here),
        ("case.give_emergency_aid", here),
        ("case.deliver_service", here),
        ("case.give_task", {**here, "task": new_id(), "owner": row["worker"] or principal().account}),
        ("case.review_progress", here),
        ("referral.submit", here),
    ]
    if row["transfer_to"] is None and row["worker"]:
        found.append(("case.transfer" if may("case.assign") else "case.request_transfer", here))
    if row["tier"] < 3:
        found.append(("case.raise_tier", here))
    if not row["closure_pending"]:
        found.append(("case.terminate", here))
    return [one for one in found if one[0] not in shown]
