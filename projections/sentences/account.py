"""Sentences about accounts: roles, and by what means their holders sign in."""

from domain.account import ROLES
from domain.compartments import COMPARTMENTS
from projections.sentences.words import Told, day

_HOW = {"own": "oleh pemiliknya", "reset": "lewat penyetelan ulang", "operator": "oleh pengelola sistem"}
_MEANS = {"password": "kata sandi", "second_factor": "faktor kedua"}


def _granted(told: Told) -> str:
    where = f" untuk wilayah {told['areas']}" if told.has("areas") else ""
    until = f" sampai {day(told.data['valid_until'])}" if told.has("valid_until") else ""
    role = told.label("role", ROLES, "roles")
    return f"Akun diberi peran {role} ({told['title']}){where}, berlaku mulai {told['valid_from']}{until}."


def _cleared(told: Told) -> str:
    until = f" sampai {day(told.data['valid_until'])}" if told.has("valid_until") else ""
    compartment = told.label("compartment", COMPARTMENTS, "compartments")
    return f"Akun diberi izin membuka data terbatas: {compartment}, berlaku mulai {told['valid_from']}{until}."


def _how(told: Told) -> str:
    return _HOW.get(told["how"], told["how"])


def _issued(told: Told) -> str:
    return f"Token “{told['label']}” untuk {told['actions']} dibuat {_how(told)}, berlaku sampai {told['until']}."


SENTENCES = {
    "account.opened": lambda told: f"Akun {told['login']} dibuka untuk {told['name']}.",
    "account.role_granted": _granted,
    "account.role_revoked": lambda told: f"Satu peran akun dicabut.{told.tail()}",
    "account.clearance_granted": _cleared,
    "account.clearance_revoked": lambda told: f"Satu izin membuka data terbatas dicabut.{told.tail()}",
    "account.closed": lambda told: f"Akun ditutup.{told.tail()}",
    "account.reopened": "Akun dibuka kembali.",
    "account.password_set": lambda told: f"Kata sandi akun disetel {_how(told)}; semua sesinya berakhir.",
    "account.token_issued": _issued,
    "account.token_revoked": lambda told: f"Token {told['token']} dicabut {_how(told)}.",
    "account.device_prepared": lambda told: f"Perangkat “{told['label']}” disiapkan untuk bekerja tanpa sinyal.",
    "account.device_revoked": lambda told: f"Satu perangkat kerja tanpa sinyal dicabut {_how(told)}.",
    "account.second_factor_enrolled": lambda told: f"Faktor kedua akun dipasang {_how(told)}.",
    "account.second_factor_removed": lambda told: f"Faktor kedua akun dilepas {_how(told)}.",
    "account.recovery_codes_renewed": lambda told: f"{told['number']} kode pemulihan baru dibuat.",
    "account.identity_linked": lambda told: f"Akun ditautkan dengan identitas di {told['issuer']}.",
    "account.identity_unlinked": lambda told: f"Tautan akun dengan identitas di {told['issuer']} dilepas.",
    "account.reset_asked": lambda told: (
        f"Penyetelan ulang {_MEANS.get(told['means'], told['means'])} akun diminta; menunggu persetujuan orang lain."
    ),
    "account.reset_approved": "Penyetelan ulang disetujui; kode sekali pakai diserahkan.",
    "account.reset_declined": "Penyetelan ulang ditolak atau dibatalkan.",
}
