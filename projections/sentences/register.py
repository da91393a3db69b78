"""Sentences about records themselves (corrections, retractions) and about accounts."""

from domain.account import ROLES
from domain.compartments import COMPARTMENTS
from domain.correction import REQUESTERS
from projections.sentences.words import Told, day, joined, written


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


def _granted(told: Told) -> str:
    where = f" untuk wilayah {told['areas']}" if told.has("areas") else ""
    until = f" sampai {day(told.data['valid_until'])}" if told.has("valid_until") else ""
    role = told.label("role", ROLES, "roles")
    return f"Akun diberi peran {role} ({told['title']}){where}, berlaku mulai {told['valid_from']}{until}."


def _cleared(told: Told) -> str:
    until = f" sampai {day(told.data['valid_until'])}" if told.has("valid_until") else ""
    compartment = told.label("compartment", COMPARTMENTS, "compartments")
    return f"Akun diberi izin membuka data terbatas: {compartment}, berlaku mulai {told['valid_from']}{until}."


SENTENCES = {
    "record.corrected": _corrected,
    "record.retracted": _retracted,
    "account.opened": lambda told: f"Akun {told['login']} dibuka untuk {told['name']}.",
    "account.role_granted": _granted,
    "account.role_revoked": lambda told: f"Satu peran akun dicabut.{told.tail()}",
    "account.clearance_granted": _cleared,
    "account.clearance_revoked": lambda told: f"Satu izin membuka data terbatas dicabut.{told.tail()}",
    "account.closed": lambda told: f"Akun ditutup.{told.tail()}",
    "account.reopened": "Akun dibuka kembali.",
}
