"""Who may be destroyed under which class, and the refusals of a destruction.

Sources: UU 43/2009 art. 51 (only records whose retention has ended, that the JRA destines for destruction, with a list and
minutes, no case pending) and art. 86 (destroying otherwise is a crime); UU 27/2022 art. 44.
"""

from dataclasses import dataclass
from datetime import date

import msgspec

from domain.aggregate import Aggregate
from domain.beneficiary import Beneficiary
from domain.refusals import Refused
from domain.retention import DESTROY, RetentionClass

NEEDED_APPROVALS = 2
PROPOSED, APPROVED, MINUTED, BEGUN, CARRIED_OUT, REFUSED = (
    *("diusulkan", "disetujui", "berita_acara", "dilaksanakan", "selesai", "ditolak"),
)


class NotDestinedForDestruction(Refused):
    RULE = "not_destined_for_destruction"
    SENTENCE = "Menurut JRA data warga {subject} tidak untuk dimusnahkan; simpan dan nilai kembali."


class RetentionNotBegun(Refused):
    RULE = "retention_not_begun"
    SENTENCE = "Masa retensi data warga {subject} belum mulai: masih ada kasus berjalan atau pemicunya belum terjadi."


class InsideRetention(Refused):
    RULE = "inside_retention"
    SENTENCE = "Masa retensi data warga {subject} baru berakhir pada {ends}."


class NobodyProposed(Refused):
    RULE = "nobody_proposed"
    SENTENCE = "Usul pemusnahan harus menyebut paling sedikit satu warga, masing-masing sekali."


class ProposerCannotApprove(Refused):
    RULE = "proposer_cannot_approve"
    SENTENCE = "Yang mengusulkan pemusnahan tidak boleh menyetujui atau menolaknya sendiri."


class ApprovedBySameAlready(Refused):
    RULE = "approved_by_same_already"
    SENTENCE = "Anda sudah menyetujui usul ini; persetujuan kedua harus dari orang lain."


class NotPending(Refused):
    RULE = "destruction_not_pending"
    SENTENCE = "Usul pemusnahan ini sudah diputuskan."


class TwoApprovalsNeeded(Refused):
    RULE = "two_approvals_needed"
    SENTENCE = "Pemusnahan harus disetujui dua orang, keduanya bukan pengusul."


class MinutesNeeded(Refused):
    RULE = "minutes_needed"
    SENTENCE = "Pemusnahan harus disertai berita acara dengan nomor dan tanggal, sebelum dilaksanakan."


class NotBegun(Refused):
    RULE = "destruction_not_begun"
    SENTENCE = "Pemusnahan ini belum dilaksanakan."


class AlreadyCarriedOut(Refused):
    RULE = "destruction_carried_out"
    SENTENCE = "Pemusnahan ini sudah selesai dilaksanakan."


class Subject(msgspec.Struct, frozen=True):
    """One person of a proposal: since when the period ran, and the last day of it."""

    id: str
    began: date
    ends: date


class Removed(msgspec.Struct, frozen=True):
    """What was removed of one person: keys, encrypted parts, search tokens and files."""

    id: str
    keys: int
    parts: int
    tokens: int
    files: int


@dataclass(frozen=True)
class Candidate:
    """A person as she stands now. ``began`` is the day on which her retention began by the trigger of her class; None while
    it has not begun or a case of hers is open."""

    person: Beneficiary
    began: date | None

    def due(self, rule: RetentionClass | None, on: date) -> Subject:
        """Her place in a list of what may be destroyed on a day.

        Raises `UnderLegalHold`, `SubjectDestroyed`, `NotDestinedForDestruction`, `RetentionNotBegun`, `InsideRetention`.
        """
        self.person.must_not_be_held()
        if rule is None or rule.fate != DESTROY or self.person.kind not in rule.kinds:
            raise NotDestinedForDestruction(subject=self.person.id)
        if self.began is None:
            raise RetentionNotBegun(subject=self.person.id)
        ends = rule.ends(self.began)
        if on <= ends:
            raise InsideRetention(subject=self.person.id, ends=ends)
        return Subject(self.person.id, self.began, ends)


class DestructionState(Aggregate):
    """The empty state of a destruction."""

    def start(self) -> None:
        self.state = ""
        self.proposer = ""
        self.code = ""
        self.number = 0
        self.subjects: tuple[Subject, ...] = ()
        self.approvers: list[str] = []
        self.minutes: tuple[str, date] | None = None
