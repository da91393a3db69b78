"""Sentences about records themselves: corrections and retractions."""

from domain.correction import REQUESTERS
from projections.sentences.words import Told, joined, written


def _corrected(told: Told) -> str:
    changes, was = told.data.get("changes") or {}, told.data.get("was") or {}
    open_ones = [
        f"{name} dari “{written(was.get(name)) or '-'}” menjadi “{written(changes[name])}”" for name in changes
    ]
    hidden = [f"{name} (disegel)" for name in told.data.get("fields") or ()]
    asked = told.label("requested_by", REQUESTERS, "requesters")
    return (
        f"Catatan nomor {told['target']} dikoreksi: {joined([*open_ones, *hidden])}, atas permintaan {asked}."
        f"{told.tail('reason', 'Alasan')}"
    )


def _retracted(told: Told) -> str:
    asked = told.label("requested_by", REQUESTERS, "requesters")
    return (
        f"Catatan nomor {told['target']} ditarik karena salah catat, atas permintaan {asked}."
        f"{told.tail('reason', 'Alasan')}"
    )


SENTENCES = {
    "record.corrected": _corrected,
    "record.retracted": _retracted,
}
