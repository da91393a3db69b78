"""Corrections and retractions: events that change how earlier events of a stream are read, never what is stored."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from domain.aggregate import AGGREGATES, ENVELOPE, Aggregate, Event, register
from domain.codes import CodeHistory, CodeList
from domain.refusals import Refused
from domain.sealed import Sealed

REQUESTERS = CodeHistory(
    CodeList(
        name="pemohon koreksi",
        version="ID-PEMOHON-KOREKSI-2019",
        valid_from=date(2019, 7, 1),
        source="Daftar setempat; UU 27/2022 pasal 6 memberi hak koreksi kepada yang bersangkutan",
        codes={
            "yang_bersangkutan": "Yang bersangkutan",
            "keluarga": "Keluarga atau wali",
            "pencatat": "Pencatat sendiri",
            "petugas": "Petugas lain",
            "supervisor": "Supervisor",
            "pemerintah_desa": "Pemerintah desa/kelurahan",
            "mitra": "Mitra rujukan",
            "auditor": "Auditor",
            "kantor": "Kantor",
        },
    )
)

#: What an event's method worked out from what was said: it is corrected by correcting that, or by a new event.
DERIVED = frozenset(
    {
        *("unproven", "proven", "rests_on", "signatory_unusual", "findings", "nik_findings", "score", "risk"),
        *(
            "review_days",
            "emergency",
            "fully_referred",
            "number",
            "plan",
            "from_worker",
            "moved_from",
            "tier",
            "target",
        ),
        *("channels", "kinds", "origins", "purposes", "scale", "signal_list", "offices", "signatories", "reasons"),
        *("types", "papers_list", "relations", "grounds_list", "matches", "spm", "instrument_version", "risks"),
        *(
            "beside",
            "answers",
            "givers",
            "ways",
            "destinations",
            "bases",
            "askers",
            "checks",
            "restrictions",
            "article",
        ),
    }
)


class NothingToCorrect(Refused):
    RULE = "nothing_to_correct"
    SENTENCE = "Catatan yang dimaksud tidak ada pada riwayat ini atau sudah ditarik."


class FieldNotCorrectable(Refused):
    RULE = "field_not_correctable"
    SENTENCE = "Isian “{field}” tidak dapat dikoreksi pada catatan ini atau nilainya tidak sah."


class BeginningStands(Refused):
    RULE = "beginning_stands"
    SENTENCE = "Catatan pembuka tidak dapat ditarik; tutup catatan ini dengan alasan salah data."


class DoneByTheService(Refused):
    RULE = "done_by_the_service"
    SENTENCE = "Catatan ini dibuat sistem pada saat kejadiannya; tidak dapat dikoreksi atau ditarik."


class HalfOfAPair(Refused):
    RULE = "half_of_a_pair"
    SENTENCE = "Catatan ini berpasangan dengan catatan lain; batalkan lewat langkah yang meniadakan keduanya."


class DecisionStands(Refused):
    RULE = "decision_stands"
    SENTENCE = "Keputusan ini, atau jejaknya, tidak dapat dikoreksi atau ditarik; catat langkah baru."


#: What destruction rests on, trails, and decisions that others have acted on: a correction would undo them, or say that
#: they never were.
FINAL = (
    *("subject.", "retention.", "destruction.", "beneficiary.hold_", "beneficiary.document_"),
    *("reading.", "emergency.", "subject_request.", "beneficiary.consent_withdrawn", "account.clearance_"),
)

#: Recorded on two streams in one command: withdrawing one half alone would leave the other standing.
PAIRED = frozenset(
    {
        *("beneficiary.linked_as_duplicate", "beneficiary.link_reversed"),
        *("beneficiary.duplicate_acknowledged", "beneficiary.duplicate_released"),
        *("case.referral_opened", "case.referral_settled", "referral.forwarded"),
        *("beneficiary.processing_restricted", "beneficiary.restriction_lifted", "subject_request.granted"),
    }
)


@register
class Corrected(Event):
    """A field of an earlier event of the same stream was wrong; the earlier event stays as it is.

    ``changes`` holds the new open values by field name, ``was`` the old ones; ``fields`` names the sealed fields whose
    new values are in ``value``. ``requested_by`` is a code of `REQUESTERS`, ``requesters`` the version of that list.
    """

    TOPIC = "record.corrected"
    target: int  # version of the corrected event
    reason: Sealed
    requested_by: str
    requesters: str
    changes: dict[str, Any] = {}
    was: dict[str, Any] = {}
    fields: tuple[str, ...] = ()
    value: Sealed | None = None


@register
class Retracted(Event):
    """An earlier event of the same stream was entered in error: from here on it counts as not having happened."""

    TOPIC = "record.retracted"
    target: int  # version of the retracted event
    reason: Sealed
    requested_by: str
    requesters: str


def amend(event: Event, correction: Corrected) -> Event:
    """The event as it reads after a correction. Raises ``msgspec.ValidationError`` when a new value does not fit."""
    fields = msgspec.to_builtins(event)
    fields.update(correction.changes)
    if correction.value is not None:
        fields.update({field: {"part": correction.value.part} for field in correction.fields})
    return msgspec.convert(fields, type(event))


def effective(events: Sequence[Event]) -> list[Event]:
    """The events of one stream as they read today: without the retracted ones, with the corrected ones amended.

    A retraction of a correction or of a retraction undoes it. Corrections and retractions themselves are left in.
    """
    gone: set[int] = set()
    for event in reversed(events):
        if isinstance(event, Retracted) and event.version not in gone:
            gone.add(event.target)
    standing = {event.version: event for event in events if event.version not in gone}
    for event in events:
        if isinstance(event, Corrected) and event.version in standing and event.target in standing:
            standing[event.target] = amend(standing[event.target], event)
    return list(standing.values())


def replay(aggregate: Aggregate | None, events: Iterable[Event]) -> Aggregate | None:
    """Rebuild an aggregate from the stored events of its stream, in order; ``None`` when there are none."""
    stored = list(events)
    if not stored:
        return aggregate
    history: Sequence[Event] = stored
    if any(isinstance(event, Corrected | Retracted) for event in stored):
        history = effective(stored)
    if aggregate is None:
        aggregate = AGGREGATES[stored[0].topic.partition(".")[0]].blank(stored[0].stream)
    for event in history:
        aggregate.remember(event)
    aggregate.retracted.update(event.target for event in history if isinstance(event, Retracted))
    aggregate.version = stored[-1].version
    return aggregate


def _target(aggregate: Aggregate, target: Event) -> Event:
    if target.stream != aggregate.id or target.version > aggregate.version or target.version in aggregate.retracted:
        raise NothingToCorrect
    if target.WITNESSED:
        raise DoneByTheService
    if target.topic.startswith(FINAL):
        raise DecisionStands
    return target


def correct(
    aggregate: Aggregate,
    target: Event,
    *,
    on: date,
    reason: Sealed,
    requested_by: str,
    changes: dict[str, Any] | None = None,
    fields: tuple[str, ...] = (),
    value: Sealed | None = None,
) -> None:
    """Correct fields of ``target``, an event of this aggregate as it reads now (earlier corrections applied).

    Open values come as JSON values in ``changes``; sealed ones as ``fields`` and ``value``. Besides an event's own
    fields, only the day it happened (``on``) can be corrected. Raises `NothingToCorrect`, `DoneByTheService`,
    `DecisionStands` or
    `FieldNotCorrectable`.
    """
    _target(aggregate, target)
    requesters = REQUESTERS.on(on)
    requesters.check(requested_by)
    changes = changes or {}
    own = set(type(target).__struct_fields__) - ENVELOPE | {"on"}
    for field in (*changes, *fields):
        if isinstance(target, Corrected | Retracted) or field not in own or field in DERIVED:
            raise FieldNotCorrectable(field=field)
    if not changes and not fields:
        raise NothingToCorrect
    current = msgspec.json.decode(msgspec.json.encode(target))  # as the log will hold them: lists are no tuples
    was = {field: current.get(field) for field in changes}
    details: dict[str, Any] = {"target": target.version, "changes": changes, "fields": tuple(fields), "value": value}
    details |= {"reason": reason, "requested_by": requested_by, "requesters": requesters.version}
    trial = Corrected(
        stream=aggregate.id,
        version=aggregate.version + 1,
        topic=Corrected.TOPIC,
        schema=Corrected.SCHEMA,
        on=on,
        **details,
    )
    try:
        amend(target, trial)
    except msgspec.ValidationError:
        raise FieldNotCorrectable(field=", ".join((*changes, *fields))) from None
    aggregate.trigger(Corrected, on=on, corrects=target.id, was=was, **details)


def retract(
    aggregate: Aggregate, target: Event, *, on: date, reason: Sealed, requested_by: str, with_pair: bool = False
) -> None:
    """Withdraw an event entered in error. ``with_pair``: its other half is withdrawn in the same command.

    Raises `NothingToCorrect`, `DoneByTheService`, `DecisionStands`, `BeginningStands` for the first event of a stream, or
    `HalfOfAPair`.
    """
    if _target(aggregate, target).version == 1:
        raise BeginningStands
    if target.topic in PAIRED and not with_pair:
        raise HalfOfAPair
    requesters = REQUESTERS.on(on)
    aggregate.trigger(
        Retracted,
        on=on,
        corrects=target.id,
        target=target.version,
        reason=reason,
        requested_by=requesters.check(requested_by),
        requesters=requesters.version,
    )
