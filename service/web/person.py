"""One person, family or community: who it is as far as whoever looks may see, and her whole story in sentences."""

from typing import Any

from flask import current_app

from domain import ppks
from domain.nik import FINDINGS as NIK_WORDS
from domain.refusals import NotFound
from service.api.current import principal
from service.log.ids import is_id
from service.web import around, ask, moment, words
from service.web.frame import address, may, page
from service.web.places import PAGES

MOST_LINKED = 20
MOST_WORK = 200  # cases, and referrals, of one record


@page("/warga/<id>", "person.html", "beneficiary.read")
def person(id: str) -> Any:
    """Everything that is known of one beneficiary. Whoever may open a record in an emergency is offered to, whether there
    is such a record or not."""
    before = ask.maybe(f"/beneficiaries/{id}/history") if is_id(id) else None  # first: it opens all that is opened here
    told = ask.maybe(f"/beneficiaries/{id}") if is_id(id) else ask.Told(404, {})
    if told.status == 404 and is_id(id) and may("emergency.open") and not moment.past():
        return {"closed": True, "id": id, "accesses": _accesses(id)}, 404
    if told.status == 404 and not told.body:
        raise NotFound
    for answer in (told, before):
        if answer is not None and not answer.fine:
            raise ask.ToldOtherwise(answer)
    shown, history = told.data, before.data if before else {}
    for entry in history["entries"]:
        entry["place"] = _place(entry, id)
    family = _family(shown)
    linked = _others([shown["linked_to"]] if shown.get("linked_to") else [])
    duplicates = _others(shown.get("duplicates", []))
    kin = [family, *family["members"]] if family else []
    return {
        "shown": shown,
        "id": id,
        "family": family,
        "linked": linked,
        "duplicates": duplicates,
        "alike_count": around.alike(shown, id),
        "names": {row["id"]: words.called(row) for row in (shown, *kin, *linked, *duplicates)},
        "cases": _work(history, id, "case"),
        "referrals": _work(history, id, "referral"),
        "history": history,
        "accesses": shown["emergencies"],
        "urgent": moment.emergency(),
        "officers": around.officers(history["entries"]),
        "link": _link,
        "nik_words": NIK_WORDS,
        "finding_words": ppks.FINDINGS,
    }


@page("/warga/<id>/mirip", "alike.html", "search.people")
def person_alike(id: str) -> Any:
    """Other records that may be the same person, side by side with hers: those that are counted on her page; where there
    are none, whoever a search by her NIK and by her name finds."""
    shown = ask.get(f"/beneficiaries/{id}", brief="true").data if is_id(id) else None
    if shown is None:
        raise NotFound
    identity = shown["person"] if isinstance(shown["person"], dict) else {}
    told = ask.maybe(f"/people/{id}/alike", people="true") if shown["sight"] == "full" else None
    found: dict[str, dict[str, Any]] = {row["id"]: row for row in told.data["people"]} if told and told.fine else {}
    for name in ("nik", "name"):
        if told and not (told.fine and told.data["count"]) and identity.get(name):
            searched = ask.post("/people/search", {name: identity[name], **moment.query(), "limit": 10})
            found |= {row["id"]: row for row in searched.data} if searched.fine else {}
    joined = {id, shown.get("linked_to"), *shown.get("duplicates", [])}
    others = [row for row in found.values() if row["id"] not in joined and row["kind"] == shown["kind"]]
    return {"shown": shown, "id": id, "others": others, "identity": identity}


@page("/warga/<id>/dibaca", "person_readings.html", "reading.read")
def person_readings(id: str) -> Any:
    """Who opened something protected about her, to be handed to her on paper."""
    if not is_id(id):
        raise NotFound
    told = ask.get(f"/beneficiaries/{id}/readings", limit=500)
    rows = told.data
    while following := told.body.get("next_cursor"):
        told = ask.get(f"/beneficiaries/{id}/readings", limit=500, cursor=following)
        rows += told.data
    about = ask.maybe(f"/beneficiaries/{id}", brief="true")
    return {"rows": rows, "id": id, "shown": about.data if about.fine else None}


def _place(entry: dict[str, Any], id: str) -> str | None:
    return _link(entry["topic"].partition(".")[0], entry["stream"]) if entry["stream"] != id else None


def _link(noun: str, id: str) -> str | None:
    endpoint = PAGES.get(noun, "")
    return address(endpoint, id=id) if f"pages.{endpoint}" in current_app.view_functions else None


def _family(shown: dict[str, Any]) -> dict[str, Any] | None:
    """The family she belongs to with its members, or her own page when she is the family."""
    if shown["kind"] == "family":
        return shown
    told = ask.maybe(f"/beneficiaries/{shown['family']}", brief="true") if shown.get("family") else None
    return told.data if told and told.fine else None


def _others(ids: list[str]) -> list[dict[str, Any]]:
    told = [ask.maybe(f"/beneficiaries/{id}", brief="true") for id in ids[:MOST_LINKED]]
    return [one.data for one in told if one.fine]


def _work(history: dict[str, Any], id: str, noun: str) -> list[dict[str, Any]]:
    """Her cases or referrals as they are listed, which opens none of their texts; in an emergency they are asked for one by
    one."""
    if moment.emergency():
        streams = {entry["stream"] for entry in history["entries"] if entry["topic"].partition(".")[0] == noun}
        told = [ask.maybe(f"/{noun}s/{stream}") for stream in sorted(streams)]
        return [one.data for one in told if one.fine]
    if not may(f"{noun}.read"):
        return []
    more = {"people": "false"} if noun == "case" else {}
    told = [ask.maybe(f"/{noun}s", beneficiary=record, limit=MOST_WORK, **more) for record in history["records"]]
    return sorted((row for one in told if one.fine for row in one.data), key=lambda row: str(row["id"]))


def _accesses(id: str) -> list[dict[str, Any]]:
    """The emergency accesses that whoever looks holds now to somebody who is closed to her without one."""
    if moment.past() or not may("emergency.open") or not may("emergency.read"):
        return []
    me = principal().account
    told = ask.maybe("/emergencies", beneficiary=id)
    return [row for row in told.data if row["open"] and row["holder"] == me] if told.fine else []
