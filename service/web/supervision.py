"""Supervision: what is late or waits for a decision, how much each worker carries, and handing many cases over at once."""

from typing import Any
from uuid import UUID, uuid5

from flask import request
from flask_babel import lazy_gettext as _

from service.api.batch import MOST
from service.api.current import office
from service.log.ids import is_id, new_id
from service.web import accounts, ask, bodies, drafts, moment
from service.web.frame import may, page
from service.web.referrals import stuck_days

SHOWN = 5  # of each part: the page is for an overview, the whole lists are a tap away
LISTED = 100
NOBODY = "-"  # in place of a worker: the cases that nobody works on yet
#: Also whoever sees who read what: an emergency access is the gravest reading.
SUPERVISES = ("case.approve", "emergency.review", "reading.read")


@page("/pengawasan", "supervision.html", *SUPERVISES)
def supervision() -> Any:
    """What is late and what waits, each part for whoever may see it."""
    known = accounts.known(roles=False)
    worker = request.args.get("pekerja", "")
    steers = may("case.assign")
    most_shown = LISTED if request.args.get("semua") else SHOWN
    values: dict[str, Any] = {
        "names": accounts.names(known),
        "worker": worker,
        "shown": SHOWN,
        "most_shown": most_shown,
        "emergencies": ask.get("/emergencies", unreviewed="true", limit=most_shown).data,
        "resets": open_resets(),
        "late": None,
        "workers": None,
    }
    if not may("board.read"):
        return values
    villages, load = ask.get("/villages", bodies_only="true").data, ask.get("/caseload")
    stuck = ask.get("/referrals", open="true", stuck=stuck_days(), limit=LISTED).data
    waiting = ask.get("/cases/waiting", worker=worker, limit=most_shown).data if steers else {}
    workers = load.data["workers"]
    return values | {
        "villages": {row["code"]: row["name"] for row in villages},
        "workers": sorted(workers, key=lambda row: (-row["overdue"], -row["open"])),
        "why": load.body["why"]["workers"],
        "most": load.data.get("most"),
        **{name: waiting.get(name) for name in ("disputed", "assessments", "plans", "closures", "transfers")},
        "counts": {
            "late": sum(row["overdue"] for row in workers if worker in ("", row["worker"])),
            **{name: sum(row[f"{name}_pending"] for row in workers) for name in ("assessments", "plans", "closures")},
        },
        "late": waiting["late"][:SHOWN] if steers else None,
        "stuck": stuck[:SHOWN],
        "stuck_count": len(stuck),
        "stuck_more": len(stuck) == LISTED,
        "stuck_days": stuck_days(),
        "bodies": _bodies(villages),
        "together": bodies.TOGETHER,
    }


def _bodies(villages: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The WKSBM that sleep, and those whose SK or board has run out, each with its village."""
    running = [
        {**body, "village_name": row["name"], "kecamatan_name": row["kecamatan_name"]}
        for row in villages
        for body in row["wksbm"]
        if body["stage"] != "dibubarkan"
    ]
    return {
        "dormant": [one for one in running if one["dormant"]],
        "expired": [
            one
            for one in running
            if (one["sk_until"] and not one["sk_in_force"]) or (one["term_until"] and not one["board_in_office"])
        ],
    }


def open_resets() -> list[dict[str, Any]] | None:
    """The resets of a password or second factor that wait; ``None`` for whoever does not decide about them."""
    if not may("account.reset"):
        return None
    return [one for one in ask.get("/resets", limit=100).data if not one["outcome"]]


@page("/pengawasan/alih", "reassignment.html", "case.assign", methods=("GET", "POST"))
def reassignment() -> Any:
    """Hand the running cases of one worker, or those of nobody, to another: chosen ones, or all of them."""
    known = accounts.known()
    values: dict[str, Any] = {"names": accounts.names(known), "workers": accounts.workers(known), "most": MOST}
    given = request.values
    values |= {"giver": given.get("dari", ""), "taker": given.get("ke", ""), "results": None, "wrong": ""}
    values["seed"] = seed if is_id(seed := request.form.get("benih", "")) else new_id()
    if request.method == "POST" and not moment.past() and not drafts.again():
        chosen = _all_seen(values["giver"]) if request.form.get("apa") == "semua" else request.form.getlist("kasus")
        values["wrong"] = _wrong(chosen, values["taker"], values["giver"])
        if not values["wrong"]:
            # Sent twice, they are the taker's already.
            about = {row["id"]: row for who in (values["taker"], values["giver"]) for row in _cases_of(who)}
            command = "case.assign" if values["giver"] == NOBODY else "case.transfer"
            results = [
                {**one, "row": about.get(one["case"])}
                for one in _handed_over(command, chosen, values["taker"], values["seed"])
            ]
            # Links to hundreds of records weigh more than all the rest; of those that were refused each is wanted.
            return {**values, "results": results, "many": len(results) > LISTED, "cases": []}
    cases = _cases_of(values["giver"], open="true")
    status = 422 if values["wrong"] else 200
    wanted = given.get("hal", "")
    start = LISTED * (int(wanted) - 1 if wanted.isdecimal() and 0 < len(wanted) < 4 and int(wanted) else 0)
    return {
        **values,
        "cases": cases,
        "listed": cases[start : start + LISTED],
        "start": start,
        "page": start // LISTED + 1,
        "chosen": {ticket.partition(" ")[0] for ticket in request.form.getlist("kasus")},
    }, status


def _cases_of(worker: str, **more: str) -> list[dict[str, Any]]:
    """The cases of a worker, all or those asked for, as many as one batch takes; each with what a form sends of it. Of
    nobody, those that run."""
    whose = {"assigned": "false", "open": "true"} if worker == NOBODY else {"worker": worker}
    found: list[dict[str, Any]] = []
    cursor: str | None = "" if worker == NOBODY or is_id(worker) else None
    while cursor is not None and len(found) < MOST:
        told = ask.get("/cases", **{**whose, **more}, limit=500, cursor=cursor)
        found, cursor = found + told.data, told.body.get("next_cursor")
    return [{**row, "ticket": f"{row['id']} {row['version']}"} for row in found]


def _all_seen(giver: str) -> list[str]:
    """All running cases of a worker as they were when the form was shown: what came since, nobody has seen."""
    seen = request.form.get("tampak", "")
    if not (seen.isdecimal() and len(seen) < 16):
        return []
    return [row["ticket"] for row in _cases_of(giver, open="true", as_of=seen)]


def _wrong(chosen: list[str], taker: str, giver: str) -> Any:
    if not chosen:
        return _("Pilih paling sedikit satu kasus.")
    if len(chosen) > MOST:
        return _("Paling banyak %(n)s kasus sekaligus.", n=MOST)
    if not is_id(taker):
        return _("Pilih petugas yang menerima.")
    return _("Penerima harus orang lain.") if taker == giver else ""


def _handed_over(command: str, tickets: list[str], worker: str, seed: str) -> list[dict[str, Any]]:
    """What became of each case: handed over, or the sentence of the rule that refused it. The keys come from the form's
    seed, so that sending it twice hands nothing over twice."""
    found = []
    for ticket in tickets:
        case, version = [*ticket.split(), "", ""][:2]
        if is_id(case) and version.isdecimal() and len(version) < 10:
            found.append((case, str(uuid5(UUID(seed), case)), int(version)))
    body = {"worker": worker, "on": office().today().isoformat()}
    items = [
        {"key": key, "command": command, "url": {"stream": case}, "body": body, "base": version}
        for case, key, version in found
    ]
    if not items:
        return []
    told = ask.post("/batch", {"items": items})
    if not told.fine:
        raise ask.ToldOtherwise(told)
    return [
        {"case": case, "done": one["status"] in (200, 201), "told": one.get("detail", "")}
        for (case, *_rest), one in zip(found, told.body["results"], strict=True)
    ]
