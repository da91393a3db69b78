"""How the domain says no.

A refusal names its rule in English (stable, for programs) and carries one Indonesian sentence (for the person who is
refused). Each concrete refusal lives beside the rule that raises it.
"""

from typing import ClassVar


class Refused(Exception):
    """A rule of the field forbids what was asked. Subclasses set ``RULE`` and ``SENTENCE``.

    ``SENTENCE`` may hold ``str.format`` placeholders; the constructor takes their values by keyword. Values must never
    be personal data: a refusal travels in answers and logs.
    """

    RULE: ClassVar[str] = "refused"
    SENTENCE: ClassVar[str] = "Tindakan ini tidak diperbolehkan."

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.SENTENCE.format(**values))

    @property
    def rule(self) -> str:
        return self.RULE

    @property
    def sentence(self) -> str:
        return str(self)


class NotFound(Refused):
    """Nothing is recorded under the id that was asked for."""

    RULE = "not_found"
    SENTENCE = "Catatan tidak ditemukan."


class AlreadyBegun(Refused):
    """The id that a client chose for a new record is in use."""

    RULE = "id_in_use"
    SENTENCE = "Nomor catatan ini sudah dipakai."


class UnknownCode(Refused):
    """A code is not in the version of its list that is in force on the day."""

    RULE = "unknown_code"
    SENTENCE = "Kode “{code}” tidak ada dalam daftar {listing}."


class MustBeSealed(Refused):
    """A value that gives a strictly restricted subject's type away came in the open."""

    RULE = "must_be_sealed"
    SENTENCE = "Isian “{field}” harus disegel karena data ini bersifat sangat terbatas."
