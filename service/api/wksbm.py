"""WKSBM over HTTP: the whole life of a body, and the list of all."""

from typing import Any

import marshmallow as ma
from flask import g
from flask_smorest import Blueprint

from domain.kps import Kps
from domain.refusals import NotFound
from domain.wksbm import Wksbm
from domain.wksbm_legal import term_end
from projections import history_lists, wksbm_lists
from projections.engine import View
from service.access import Sight
from service.api import fields, receipts
from service.api import wksbm_schemas as schemas
from service.api.beneficiary_history import told, with_papers
from service.api.cases import day_of
from service.api.commands import Form, Noun
from service.api.current import office, principal
from service.api.form import fit
from service.api.reads import MOST, cursor_for, cursor_values, explain, read
from service.api.territory import DayQuery
from service.reach import Scope, allowed

blueprint = Blueprint("wksbm", __name__, url_prefix="/api/v1/wksbm", description="WKSBM: from idea to dissolution")
noun = Noun(blueprint, Wksbm, "wksbm.record")


def begin(form: Form, stream: str, village: str, **fields: Any) -> Wksbm:
    """Begin a WKSBM in a village of the list in force that day. Raises `Denied` or ``ValidationError``."""
    form.served("wksbm.record", village)
    return form.decision.begin(
        Wksbm.initiate(stream, on=form.on, village=village, evidence=form.evidence(stream), **fields)
    )


def known_kps(form: Form, ids: list[str], field: str = "kps") -> None:
    """Refuse ids that are not in the register of KPS."""
    for kps in ids:
        try:
            form.load(Kps, kps)
        except NotFound:
            raise ma.ValidationError({field: ["KPS ini tidak ada dalam daftar."]}) from None


@noun.route("", schemas.WksbmInitiation, "wksbm.initiate")
def initiate(form: Form) -> str:
    """Begin a WKSBM in a village; a village may have several."""
    stream = form.new_id()
    begin(form, stream, **form.fill(stream))
    return stream


def _of(form: Form, stream: str) -> Wksbm:
    wksbm = form.load(Wksbm, stream)
    form.require("wksbm.record", village=wksbm.village)
    return wksbm


@noun.route("/<stream>/kps-identifications", schemas.WksbmKpsIdentification, "wksbm.identify_kps")
def identify_kps(form: Form, stream: str) -> str:
    """Record how many local social bodies were found, and which of them are in the register."""
    wksbm = _of(form, stream)
    known_kps(form, form.data.get("kps", []))
    wksbm.identify_kps(on=form.on, evidence=form.evidence(stream), **fit(Wksbm.identify_kps, form.fill(stream)))
    return stream


@noun.route("/<stream>/board", schemas.WksbmBoardAppointment, "wksbm.appoint_board")
def appoint_board(form: Form, stream: str) -> str:
    """Record a board with at least a chair and a secretary."""
    wksbm = _of(form, stream)
    arguments = form.fill(stream)
    arguments.setdefault("term_until", term_end(arguments["term_from"]))
    wksbm.appoint_board(on=form.on, evidence=form.evidence(stream), **fit(Wksbm.appoint_board, arguments))
    return stream


@noun.route("/<stream>/members", schemas.WksbmMembership, "wksbm.join_kps")
def join_kps(form: Form, stream: str) -> str:
    """A KPS of the register becomes a member."""
    wksbm = _of(form, stream)
    known_kps(form, [form.data["kps"]])
    wksbm.join_kps(on=form.on, evidence=form.evidence(stream), **form.fill(stream))
    return stream


@noun.route("/<stream>/members/<kps>/departure", fields.EvidencedSchema, "wksbm.leave_kps")
def leave_kps(form: Form, stream: str, kps: str) -> str:
    """A KPS leaves."""
    _of(form, stream).leave_kps(on=form.on, kps=kps, evidence=form.evidence(stream))
    return stream


@noun.route("/<stream>/dissolution", schemas.WksbmDissolution, "wksbm.dissolve")
def dissolve(form: Form, stream: str) -> str:
    """Record the decision that dissolves it, attached or named by number and date."""
    wksbm = _of(form, stream)
    if form.data.get("successor"):
        try:
            form.load(Wksbm, form.data["successor"])
        except NotFound:
            raise ma.ValidationError({"successor": ["WKSBM ini tidak ada."]}) from None
    wksbm.dissolve(on=form.on, evidence=form.evidence(stream), **form.fill(stream))
    return stream


noun.simple("/<stream>/socializations", "hold_socialization", schemas.WksbmSocialization)
noun.simple("/<stream>/deliberations", "hold_deliberation", schemas.WksbmDeliberation)
noun.simple("/<stream>/formation", "form", schemas.WksbmFormation)
noun.simple("/<stream>/ratification", "ratify", schemas.WksbmRatification)
noun.simple("/<stream>/registration", "register_at_office", schemas.WksbmRegistration, action="wksbm.register")
noun.simple("/<stream>/facilities", "provide_facility", schemas.WksbmFacility)
noun.simple("/<stream>/coachings", "conduct_coaching", schemas.WksbmCoaching)
noun.simple("/<stream>/activities", "report_activity", schemas.WksbmActivity)
noun.simple("/<stream>/funds-raised", "raise_funds", schemas.WksbmFundsRaised)
noun.simple("/<stream>/funds-distributed", "distribute_funds", schemas.WksbmFundsDistributed)
noun.simple("/<stream>/assessments", "assess", schemas.WksbmAssessment)
noun.simple("/<stream>/board-term-end", "end_board_term", fields.EvidencedSchema)
noun.simple("/<stream>/dormancy", "find_dormant", schemas.WksbmDormancy)
noun.simple("/<stream>/reactivation", "reactivate", schemas.WksbmReactivation)
noun.simple("/<stream>/papers", "provide_evidence", schemas.WksbmPapers)


class WksbmQuery(DayQuery):
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MOST))
    cursor = ma.fields.String(validate=ma.validate.Length(max=600))
    village = fields.village()
    stage = fields.code(("dirintis", "terbentuk", "sah", "dibubarkan"))
    unproven = ma.fields.Boolean(metadata={"description": "With or without steps whose paper is missing"})
    dormant = ma.fields.Boolean(metadata={"description": "Found dormant, or not"})


_FIGURES = "wksbm.{field}?wksbm={id}"
_CONDITIONS = {"village": "village = :village", "stage": "stage = :stage"}


@read(blueprint, "", WksbmQuery, action="wksbm.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """The bodies within reach, by village. The filters go by what is known; ``on`` is the day that is judged."""
    after = cursor_values(query, 2) or ["", ""]
    more = " AND (village, key) > (:after_village, :after_key)"
    values: dict[str, Any] = {"after_village": after[0], "after_key": after[1], "limit": query["limit"]}
    for name, condition in _CONDITIONS.items():
        if query.get(name):
            more, values[name] = f"{more} AND {condition}", query[name]
    if query.get("unproven") is not None:
        more += " AND unproven > 0" if query["unproven"] else " AND unproven = 0"
    if query.get("dormant") is not None:
        more, values["dormant"] = f"{more} AND dormant = :dormant", int(query["dormant"])
    day = query.get("on") or day_of(view)
    last, rows = wksbm_lists.page_of_bodies(
        view, reach.where("village"), day, office().config.dormant_months, more, **values
    )
    explain(view, day, wksbm=_FIGURES)
    return rows, cursor_for(*last) if last else None


class BodyQuery(DayQuery):
    newest = ma.fields.Integer(
        load_default=0,
        validate=ma.validate.Range(0, 20),
        metadata={"description": "Tell as many of its newest activities, funds and events too, without what is sealed"},
    )


@read(blueprint, "/<stream>", BodyQuery, action="wksbm.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One WKSBM: its boards, SKs and members, what it lacks for its SK, and the steps whose paper is missing."""
    day, months = query.get("on") or day_of(view), office().config.dormant_months
    found = wksbm_lists.one_body(view, reach.where("village"), stream, day, months, newest=query["newest"])
    if found is None:
        raise NotFound
    if "newest" in found:
        found["newest"] = {
            name: [told(entry, Sight.FULL, None) for entry in entries] for name, entries in found["newest"].items()
        }
    g.version = found["version"]
    g.composite = True
    explain(view, day, wksbm=_FIGURES)
    return found


@read(blueprint, "/<stream>/history", action="wksbm.read")
def history(query: dict[str, Any], view: View, reach: Scope, stream: str) -> list[dict[str, Any]]:
    """Everything recorded about one WKSBM, in order, as sentences. Minutes and notes are opened for those who may record
    about it."""
    entries, village = _recorded(view, reach, stream)
    may_open = allowed(principal(), "wksbm.record", village=village)
    opened = office().vault.open({part for entry in entries for part in entry.parts()}) if may_open else None
    return with_papers(entries, opened, files=allowed(principal(), "file.read", village=village))


def _recorded(view: View, reach: Scope, stream: str) -> tuple[list[history_lists.Entry], str]:
    """The history of a WKSBM, and its village. Raises `NotFound`."""
    where, values = reach.where("village")
    where = view.reached("bodies", "b", where)
    row = view.one(f"SELECT village FROM {{bodies}} b WHERE {where} AND key = :stream", **values, stream=stream)
    if row is None:
        raise NotFound
    if view.past:
        row = view.one("SELECT village FROM {bodies:today} WHERE key = :stream", stream=stream) or row
    return history_lists.stream_history(view, stream), row["village"]


@read(blueprint, "/<stream>/steps/<int:version>", action="wksbm.read")
def step(query: dict[str, Any], view: View, reach: Scope, stream: str, version: int) -> dict[str, Any]:
    """One entry of its history with its fields, minutes and notes for those who may record about it (else null), and the
    receipt of the command that recorded it, for a paper that tells of it."""
    entries, village = _recorded(view, reach, stream)
    entry = next((one for one in entries if one.version == version), None)
    if entry is None:
        raise NotFound
    opened = office().vault.open(entry.parts()) if allowed(principal(), "wksbm.record", village=village) else None
    values = {name: _opened(name, value, opened) for name, value in entry.data.items()}
    command = office().log.command_at(entry.position)
    return {
        **told(entry, Sight.FULL, opened),
        "fields": values,
        "receipt": receipts.note_of(command) if command else None,
    }


def _opened(name: str, value: Any, opened: dict[str, dict[str, Any]] | None) -> Any:
    if not (isinstance(value, dict) and set(value) == {"part"}):
        return value
    return (opened or {}).get(value["part"], {}).get(name)
