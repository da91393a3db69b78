"""The log for whoever audits: its events with their hashes and proofs, replays step by step, and who looked at what."""

import base64
from typing import Any

import msgspec
from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _

from domain.aggregate import ENVELOPE
from domain.reading import Reading
from domain.refusals import NotFound
from projections.sentences import tell
from projections.sentences.reading import opened
from projections.source import position_in
from service.api.current import office
from service.log.eventlog import LOOKED_THROUGH
from service.log.ids import is_id
from service.log.tree import included
from service.replay import VILLAGE
from service.web import accounts, ask, moment, printed, protection, territory, words
from service.web.frame import address, may, page
from service.web.spoken import said

EVENTS = 50  # on one page
#: What events are about, by how their topics begin.
NOUN_WORDS = {
    "beneficiary": _("Warga"),
    "case": _("Kasus"),
    "referral": _("Rujukan"),
    "wksbm": _("WKSBM"),
    "kps": _("Kelompok (KPS)"),
    "psks": _("PSKS"),
    "incident": _("Bencana"),
    "record": _("Koreksi dan penarikan"),
    "reading": _("Pembacaan"),
    "emergency": _("Akses darurat"),
    "subject_request": _("Permintaan data"),
    "subject": _("Kunci yang dimusnahkan"),
    "retention": _("Masa simpan"),
    "destruction": _("Pemusnahan"),
    "account": _("Akun"),
    "territory": _("Wilayah"),
    "indicator": _("Target"),
}
LARGEST = 2**53 - 1  # of the positions that the API knows
MOST_STEPS = 2000  # of a village that are gone through for one page


def health() -> dict[str, Any]:
    """What ``/readyz`` says, whatever it says."""
    return ask.answer_at("/readyz").body


@page("/jejak", "explorer.html", "events.read")
def explorer() -> Any:
    """The latest events, or those before a position; the checkpoints; and a way to anything by its number."""
    wanted = request.args.get("cari", "").strip()
    if wanted:
        return _to(wanted)
    told = health()
    head, asked = told["head"], moment.query().get("as_of")
    if asked is not None:
        named = position_in(asked)
        head = min(head, office().reader.position_at(str(asked)) if named is None else named)
    given = request.args.get("sampai", "")
    last = min(int(given), head) if given.isdecimal() and len(given) < 16 else head
    filtered = {name: value for name, value in _filter().items() if value}
    events = [shown(line) for line in ask.lines("/events", before=last + 1, limit=EVENTS, **filtered)] if last else []
    older = events[-1]["position"] - 1 if len(events) == EVENTS else last - LOOKED_THROUGH
    checkpoints = ask.now("/log/checkpoints", limit=10).body["checkpoints"]
    return {
        "events": events,
        "head": head,
        "last": last,
        "older": older if events or filtered else 0,
        "filtered": bool(filtered),
        "nouns": NOUN_WORDS,
        "accounts": sorted(accounts.known(roles=False).values(), key=lambda row: (row["name"], row["key"])),
        "checkpoints": checkpoints,
        "health": told,
        "villages": [name for _code, name, *_rest in territory.choices()],
    }


def _filter() -> dict[str, str]:
    """Which events are wanted: of what, and by whom."""
    what, account = request.args.get("tentang", ""), request.args.get("akun", "")
    noun = what if what in NOUN_WORDS else ""
    return {"noun": noun, "without": "reading" * (what == "-reading"), "account": account if is_id(account) else ""}


def _to(wanted: str) -> Any:
    """The page of what was typed: a position, the number of a record, or a village by its name or code."""
    if wanted.isdecimal() and len(wanted) < 16:
        return redirect(address("event", position=int(wanted)), 303)
    if is_id(wanted) or VILLAGE.fullmatch(wanted):
        return redirect(address("replay", id=wanted), 303)
    called = wanted.casefold()
    named = [
        code
        for code, name, *_rest in territory.choices()
        if called in (name.casefold(), name.partition(",")[0].casefold())
    ]
    if len(named) == 1:
        return redirect(address("replay", id=named[0]), 303)
    raise NotFound


def shown(event: dict[str, Any]) -> dict[str, Any]:
    """An event of the log with its sentence; of whom processing is restricted, its place only."""
    if event.get("restricted"):
        return event
    own = {name: value for name, value in event.items() if name not in ENVELOPE}
    return {**event, "sentence": tell(event["topic"], own, None), "own": own}


@page("/jejak/peristiwa/<int:position>", "event.html", "events.read")
def event(position: int) -> Any:
    """One event: its sentence and fields, its text as stored, its hash, and the proof that a checkpoint covers it."""
    stored = ask.now(f"/events/{position}").body
    text = stored["text"]
    found: dict[str, Any] = shown(msgspec.json.decode(text)) if text else {"position": position, "restricted": True}
    if found.get("topic") == Reading.Made.TOPIC:
        found["own"] = _of_reading(position, found["by"], found["own"])
    return {
        "event": found,
        "nouns": NOUN_WORDS,
        "stored": stored,
        "text": text,
        "whole": "teks" in request.args,
        "proof": proof_of(position, stored["leaf"]),
        "names": accounts.names(accounts.known(roles=False)),
        "head": office().reader.head()[0],
    }


def _of_reading(position: int, by: str, own: dict[str, Any]) -> dict[str, Any]:
    """What a reading opened, in words, and of whom, by what tells her from others; how many parts of theirs."""
    told = ask.maybe("/readings", position=position, account=by, limit=500) if may("reading.read") else None
    known = {row["subject"]: row for row in told.data} if told and told.fine else {}
    return {
        "resource": said(opened(own["resource"])),
        "subjects": [unnamed(known.get(one, {"subject": one})) for one in own.get("subjects", ())],
        "opened": str(_("%(n)s bagian tersegel", n=words.number(len(own.get("opened", ()))))),
        **({"at": words.number(own["at"])} if own.get("at") else {}),
        **{name: own[name] for name in ("everything", "emergency") if own.get(name)},
    }


def unnamed(row: dict[str, Any]) -> str:
    """Whose a row of the reading trail is, without her name."""
    return protection.unnamed({"kind": None, "village": None, **row, "id": row["subject"]})


@page("/jejak/titik-periksa/<int:size>", "checkpoint.html", "events.read")
def checkpoint(size: int) -> Any:
    """A checkpoint as the office prints and signs it once a month, so that its code lies where no computer reaches it."""
    found = ask.now("/log/checkpoints", before=size + 1, limit=1).body["checkpoints"] if size < LARGEST else []
    if not found or found[0]["size"] != size:
        raise NotFound
    note = ask.now(f"/log/checkpoints/{size}").body["text"]
    how_to_check = office().config.base_url.rstrip("/") + url_for("pages.public_receipt")
    told = {"one": found[0], "note": note, "qr": printed.drawn(note), "short": printed.SHORT}
    with words.kept():
        text = render_template("checkpoint_text.html", **told, how_to_check=how_to_check, printed=office().now())
    return {"text": text}


def proof_of(position: int, leaf: str) -> dict[str, Any] | None:
    """The latest checkpoint over a position, the way from the event's hash to its root, and whether it leads there;
    ``None`` while none covers it."""
    latest = ask.now("/log/checkpoints", limit=1).body["checkpoints"]
    if not latest or latest[0]["size"] < position:
        return None
    size = latest[0]["size"]
    told = ask.answer_at(f"{ask.API}/log/inclusion?position={position}&size={size}")
    if not told.fine:
        return {"checkpoint": latest[0], "proof": [], "holds": False}
    proof = told.body["proof"]
    way = [base64.b64decode(step) for step in proof]
    holds = included(bytes.fromhex(leaf), position - 1, size, way, base64.b64decode(latest[0]["root"]))
    return {"checkpoint": latest[0], "proof": proof, "holds": holds}


@page("/jejak/<id>", "replay.html", "replay.read")
def replay(id: str) -> Any:
    """The history of a person, a record or a village, one step at a time: what happened, what it changed, what stood
    afterwards."""
    steps, more = _steps_of(id)
    if not steps and not VILLAGE.fullmatch(id):
        raise NotFound
    given = request.args.get("langkah", "")
    at = min(max(1, int(given)), max(1, len(steps))) if given.isdecimal() and len(given) < 9 else 1
    return {
        "id": id,
        "village": bool(VILLAGE.fullmatch(id)),
        "at": at,
        "count": len(steps),
        "more": more,
        "step": steps[at - 1] if steps else None,
        "steps": steps[max(0, at - 11) : at + 10],
        "first": max(0, at - 11) + 1,
        "names": accounts.names(accounts.known(roles=False)),
    }


def _steps_of(id: str) -> tuple[list[dict[str, Any]], bool]:
    """The steps up to the moment of the page, and whether there are more than are gone through."""
    where = moment.position()
    until = moment.query().get("as_of", "") if where is None else str(where)
    asked = {"until": until} if until else {}
    if not VILLAGE.fullmatch(id):
        return ask.now(f"/streams/{id}/replay", **asked).body["steps"], False
    found: list[dict[str, Any]] = []
    cursor = ""
    while len(found) < MOST_STEPS:
        told = ask.now(f"/villages/{id}/replay", limit=500, **asked, **({"cursor": cursor} if cursor else {})).body
        found += told["steps"]
        cursor = told.get("next_cursor", "")
        if not cursor:
            return found, False
    return found, True


@page("/jejak/pembacaan", "readings.html", "reading.read")
def readings() -> Any:
    """Who opened what about protected people, the latest first; of one account, or of everybody."""
    account, person = request.args.get("akun", ""), request.args.get("warga", "").strip()
    path = f"/beneficiaries/{person}/readings" if person else "/readings"
    told = ask.get(path, limit=50, cursor=request.args.get("lanjut", ""), account="" if person else account)
    known = accounts.known(roles=False)
    return {
        "rows": told.data,
        "onward": told.body.get("next_cursor"),
        "accounts": sorted(known.values(), key=lambda row: (row["name"], row["key"])),
        "account": account,
        "person": person,
        "unnamed": unnamed,
    }
