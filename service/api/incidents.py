"""Disasters over HTTP: declared, victims recorded many at once, relief, verification, figures, and their pages."""

from typing import Any

import marshmallow as ma
from flask import g
from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from domain.incident import DisasterIncident
from domain.incident_facts import Victim
from domain.refusals import NotFound
from projections import history_lists, incident_lists, people_lists
from projections.engine import View
from projections.incidents import figures, incidents, relief
from projections.incidents import victims as victim_rows
from projections.people_lists import WORKER
from projections.projection import Projection
from service import search
from service.access import Sight
from service.api import beneficiary_schemas, fields
from service.api.beneficiary_history import told, with_papers
from service.api.commands import Denied, Form, Noun
from service.api.current import office, principal
from service.api.form import fit
from service.api.incident_schemas import (
    Agreement,
    Declaration,
    Extension,
    Figure,
    IncidentClosure,
    ReliefDelivery,
    Verification,
    VictimList,
)
from service.api.known import is_known
from service.api.people_shown import DECIDING, counted_below, exists, reveal
from service.api.reads import MOST, ListQuery, ReadQuery, cursor_for, cursor_values, explain, read
from service.api.received import ReceivedQuery, by_households
from service.api.registration import Company, begin_beneficiary
from service.api.restricted import widened
from service.api.rows import truths
from service.log.ids import new_id
from service.reach import Scope, hidden_from, scope

_FIGURES = "incidents.{field}?incident={id}"
blueprint = Blueprint("incidents", __name__, url_prefix="/api/v1/incidents", description="Disaster incidents")
noun = Noun(blueprint, DisasterIncident, "incident.record")


def _require_all(form: Form, villages: Any, *, scale: bool = False) -> None:
    """What touches several villages needs a right over each; a disaster of the whole kabupaten a right over it all."""
    if scale or not villages:
        form.require("incident.record")
    for code in villages:
        form.served("incident.record", code, field="villages")


def incident_of(form: Form, stream: str) -> DisasterIncident:
    """An incident, for somebody who may record in one of its villages; one of the whole kabupaten, for everybody who
    records disasters anywhere. Raises `NotFound` or `Denied`."""
    found = form.load(DisasterIncident, stream)
    if not scope(form.principal, "incident.record").includes_one(found.villages, everywhere=found.kabupaten_scale):
        raise Denied
    return found


@noun.route("", Declaration, "incident.declare")
def declare(form: Form) -> str:
    """Declare a disaster in some villages, or of the whole kabupaten."""
    _require_all(form, form.data.get("villages") or (), scale=bool(form.data.get("kabupaten_scale")))
    stream = form.new_id()
    arguments = {**form.fill(stream), "on": form.on, "evidence": form.evidence(stream)}
    form.decision.begin(DisasterIncident.declare(stream, **fit(DisasterIncident.declare, arguments)))
    return stream


@noun.route("/<stream>/victims", VictimList, "incident.record_victims")
def record_victims(form: Form, stream: str) -> str:
    """Record up to 500 victims, all or none; those not registered yet are registered in the same command. Probable
    duplicates, within the list too, are answered together, and passed by with a reason on each."""
    incident = form.load(DisasterIncident, stream)
    victims: list[Victim] = []
    doubtful: list[dict[str, Any]] = []
    company = Company()
    for index, item in enumerate(form.data["victims"]):
        village = form.served("incident.record", item["village"])
        try:
            victims.append(_victim(form, item, village, company))
        except search.ProbableDuplicates as found:
            doubtful.append({"index": index, **found.particulars})
        except ma.ValidationError as refusal:
            raise ma.ValidationError({"victims": {index: refusal.messages}}) from None
    if doubtful:
        raise search.ProbableDuplicates(doubtful)
    incident.record_victims(on=form.on, victims=tuple(victims), evidence=form.evidence(stream))
    return stream


def _victim(form: Form, item: dict[str, Any], village: str, company: Company) -> Victim:
    # The same id in every attempt: `item` is part of what was sent, and lives as long as the request.
    id = item.setdefault("victim", new_id())
    said = item.get("identity")
    if said is None:
        # Whoever was struck here may live elsewhere, out of reach; but not be somebody who does not exist for the asker,
        # nor tell a stranger that her record takes nothing more.
        struck = form.decision.load(Beneficiary, id)
        shut = (struck.restricted or struck.destroyed) and not is_known(form, struck)
        if shut or not exists(form.principal, struck.tier):
            raise NotFound
        struck.must_be_workable(entitled=False)
    else:
        sent = {"village": village, "channel": "bencana", "kind": item.get("kind") or "person", "identity": said}
        if item.get("reason_to_go_on"):
            sent["reason_to_go_on"] = item["reason_to_go_on"]
        registration = Form(
            beneficiary_schemas.PersonRegistration(),
            {**sent, "on": form.on},
            form.principal,
            form.office,
            form.decision,
        )
        begin_beneficiary(registration, id, company)
    note = form.decision.seal(id, {"note": item["note"]}) if item.get("note") else None
    return Victim(
        victim=id,
        village=village,
        conditions=tuple(item["conditions"]),
        household=item.get("household") or 1,
        nik_known=bool((said or {}).get("nik")) or (said is None and _has_nik(form, id)),
        note=note,
    )


def _has_nik(form: Form, id: str) -> bool:
    return form.decision.load(Beneficiary, id).identity_state != "none"


def _fact(rule: str, method: str, schema: type[fields.Schema], *, whole: bool = False) -> None:
    """A route that calls one method of the incident with what was sent; ``whole``: it speaks for every village hit."""
    function = getattr(DisasterIncident, method)

    def handle(form: Form, stream: str) -> str:
        found = incident_of(form, stream)
        if whole and not form.data.get("village"):
            for code in (None,) if found.kabupaten_scale else found.villages:
                form.require("incident.record", village=code)
        if form.data.get("village"):
            form.served("incident.record", form.data["village"])
        _meant(form, found)
        subject = form.data.get("victim") or stream
        arguments = {**form.fill(subject), "on": form.on, "evidence": form.evidence(stream)}
        getattr(found, method)(**fit(function, arguments))
        return stream

    handle.__doc__ = function.__doc__
    noun.route(f"/<stream>{rule}", schema, f"incident.{method}")(handle)


def _meant(form: Form, incident: DisasterIncident) -> None:
    """A victim who does not exist for whoever asks is nobody: the answer is that about an id that was never recorded."""

    def there(id: str) -> bool:
        return id not in incident.victims or exists(form.principal, form.decision.load(Beneficiary, id).tier)

    if hidden_from(form.principal) == people_lists.NOBODY_HIDDEN:
        return
    if "victim" in form.data and not there(form.data["victim"]):
        form.data["victim"] = new_id()
    if "recipients" in form.data:
        form.data["recipients"] = [id if there(id) else new_id() for id in form.data["recipients"]]


@noun.route("/<stream>/extension", Extension, "incident.extend")
def extend(form: Form, stream: str) -> str:
    """Add villages that turned out to be hit too."""
    found = form.load(DisasterIncident, stream)
    _require_all(form, form.data["villages"])
    found.extend(on=form.on, villages=tuple(form.data["villages"]), evidence=form.evidence(stream))
    return stream


_fact("/relief", "deliver_relief", ReliefDelivery)
_fact("/verifications", "verify_victim", Verification)
_fact("/figures", "report_figure", Figure)
_fact("/agreed-figures", "reconcile_figure", Agreement, whole=True)
_fact("/closure", "close", IncidentClosure, whole=True)


class IncidentsQuery(ListQuery):
    village = fields.village(metadata={"description": "Only those that hit this village, or the whole kabupaten"})


@read(blueprint, "", IncidentsQuery, action="incident.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """Disasters, the latest first, with the numbers of victims, of people they stand for, and of those helped."""
    after = cursor_values(query, 2)
    rows = incident_lists.listed(
        view,
        limit=query["limit"],
        after=(after[0], after[1]) if after else None,
        village=query.get("village"),
        below=counted_below(principal()),
    )
    following = cursor_for(rows[-1]["struck_on"], rows[-1]["key"]) if len(rows) == query["limit"] else None
    explain(view, None, incident=_FIGURES)
    return [_plain(row) for row in rows], following


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    shown = {"id": row["key"], **truths(row, incidents)}
    for name in ("key", "note", "since"):
        del shown[name]
    for name, projection in (("relief", relief), ("figures", figures)):
        if name in shown:
            shown[name] = [_listed(one, projection) for one in shown[name]]
    shown["villages"] = row["villages"].split(",") if row["villages"] else []
    return shown


def _listed(row: dict[str, Any], projection: Projection[Any]) -> dict[str, Any]:
    return {name: value for name, value in truths(row, projection).items() if name not in ("key", "incident", "since")}


@read(blueprint, "/<stream>", ReadQuery, action="incident.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One disaster with its deliveries and every figure as it was reported."""
    page = incident_lists.page(view, stream, counted_below(principal()))
    if page is None:
        raise NotFound
    g.version = page["version"]
    explain(view, None, incident=_FIGURES)
    return _plain(page)


@read(blueprint, "/<stream>/history", action="incident.read")
def history(query: dict[str, Any], view: View, reach: Scope, stream: str) -> list[dict[str, Any]]:
    """Everything recorded about one disaster itself, in order, as sentences; its victims are in their own list, with what
    was handed in about them. Notes are opened, and papers named, for those who may record about it; the papers' files for
    those who may read papers in one of the villages that it hit."""
    entries, place = history_lists.incident_story(view, stream)
    if not entries or not entries[0].topic.startswith("incident."):
        raise NotFound
    if not scope(principal(), "incident.record").includes_one(**place):
        return [told(entry, Sight.FULL, None) for entry in entries]
    opened = office().vault.open({part for entry in entries for part in entry.parts()})
    return with_papers(entries, opened, files=scope(principal(), "file.read").includes_one(**place))


def _victims_within(view: View, reach: Scope, stream: str, limit: int, after: str = "") -> list[dict[str, Any]]:
    where, values = reach.where("n.village", worker=WORKER, by="p.registered_by")
    where = f"({where}) AND COALESCE(p.tier, 1) < {hidden_from(principal())}"  # rights are today's
    where, values = widened(reach, (f"({where})", values), "n.victim")
    return incident_lists.victims_of(
        view,
        stream,
        where=where,
        values={**values, "me": reach.account},
        limit=limit,
        after=after,
        restricted=reach.restricted,
    )


@read(blueprint, "/<stream>/received", ReceivedQuery, action="beneficiary.read")
def received(query: dict[str, Any], view: View, reach: Scope, stream: str) -> list[dict[str, Any]]:
    """What the households of the victims within the asker's reach, 500 at most, were given that would be given twice if it
    were given on the day again, as `GET /api/v1/beneficiaries/{stream}/received` tells it of one."""
    rows = _victims_within(view, reach, stream, MOST)
    return by_households(query, view, reach, [row["victim"] for row in rows])


@read(blueprint, "/<stream>/victims", ListQuery, action="beneficiary.read")
def victims(query: dict[str, Any], view: View, reach: Scope, stream: str) -> tuple[list[dict[str, Any]], str | None]:
    """The victims of a disaster within the asker's reach, with their names as far as the asker may see them."""
    after = cursor_values(query, 1)
    rows = _victims_within(view, reach, stream, query["limit"], after[0] if after else "")
    following = cursor_for(rows[-1]["key"]) if len(rows) == query["limit"] else None
    # Where somebody lives decides who sees her, not where the disaster struck her.
    ids = [row["victim"] for row in rows]
    then, now = people_lists.persons(view, reach.account, ids), people_lists.persons(view.today(), reach.account, ids)
    people = [
        {
            **row,
            "key": row["victim"],
            **{name: then.get(row["victim"], {}).get(name) for name in ("kind", "identity")},
            **{name: now.get(row["victim"], {}).get(name) for name in DECIDING},
        }
        for row in rows
    ]
    shown = [
        {**one, "village": row["village"]} for one, row in zip(reveal(principal(), people, view), rows, strict=True)
    ]
    hidden = ("note", "id", "since", "registered_by", "restricted")
    return [
        {name: value for name, value in truths(row, victim_rows).items() if name not in hidden} for row in shown
    ], following
