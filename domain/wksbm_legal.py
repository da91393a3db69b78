"""The papers of a WKSBM: its board, its SK, its entry at the office, and the decision that dissolves it."""

from datetime import date

from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.villages import kind_of
from domain.wksbm_codes import DISSOLUTIONS, EXPECTED_SIGNATORIES, OFFICES, SIGNATORIES
from domain.wksbm_formation import NotFormedYet
from domain.wksbm_papers import named, proves
from domain.wksbm_state import DISSOLVED, Board, BoardMember, Sk, Step, WksbmState, counted

DEFAULT_TERM_YEARS = 5
_BOARD = frozenset({"wksbm.board_appointed", "wksbm.board_term_ended", DISSOLVED})
MISSING = {
    "deliberation": "musyawarah dengan jumlah hadir",
    "forming": "pembentukan",
    "board": "pengurus",
    "ketua": "ketua",
    "sekretaris": "sekretaris",
}


class BoardIncomplete(Refused):
    RULE = "board_incomplete"
    SENTENCE = "Pengurus harus memuat nama {vacant}."


class TermEndsBeforeItBegins(Refused):
    RULE = "term_ends_before_it_begins"
    SENTENCE = "Masa bakti harus berakhir sesudah mulai."


class NoBoardInOffice(Refused):
    RULE = "no_board_in_office"
    SENTENCE = "Tidak ada pengurus yang sedang menjabat."


class SkIncomplete(Refused):
    RULE = "sk_incomplete"
    SENTENCE = "SK harus memuat nomor dan nama penanda tangan."


class SkDatedLater(Refused):
    RULE = "sk_dated_later"
    SENTENCE = "Tanggal SK tidak boleh sesudah tanggal pengesahan."


class SkAlreadyRecorded(Refused):
    RULE = "sk_already_recorded"
    SENTENCE = "SK nomor {number} sudah tercatat pada WKSBM ini."


class NotReadyForRatification(Refused):
    """``values["missing"]`` names in Indonesian what `missing_for_ratification` lists."""

    RULE = "not_ready_for_ratification"
    SENTENCE = "Belum dapat disahkan. Yang kurang: {missing}."


class DissolutionNeedsDecision(Refused):
    RULE = "dissolution_needs_decision"
    SENTENCE = "Pembubaran harus disertai keputusannya: SK, berita acara, atau peraturan desa."


def term_end(term_from: date, years: int = DEFAULT_TERM_YEARS) -> date:
    """The last day of a term of whole years. Five years is the rule for other village bodies (LKD, Permendagri
    18/2018); for WKSBM it is a default only."""
    following = date(term_from.year + years, term_from.month, 28 if _leap_day(term_from) else term_from.day)
    return following if _leap_day(term_from) else date.fromordinal(following.toordinal() - 1)


def _leap_day(day: date) -> bool:
    return (day.month, day.day) == (2, 29)


class Legal(WksbmState):
    """What a WKSBM is on paper."""

    class BoardAppointed(Step):
        TOPIC = "wksbm.board_appointed"
        CONFLICTS = _BOARD
        members: tuple[BoardMember, ...]
        offices: str  # version of the list of offices
        term_from: date
        term_until: date

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.boards[self.version] = Board(self.members, self.term_from, self.term_until)

    class BoardTermEnded(Step):
        TOPIC = "wksbm.board_term_ended"
        CONFLICTS = _BOARD
        board: int  # version that appointed the board

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.boards_ended[self.board] = self.on

    class Ratified(Step):
        """``signatory_unusual``: the post is not the one that signs for this kind of village; a warning only."""

        TOPIC = "wksbm.ratified"
        CONFLICTS = _BOARD | {"wksbm.ratified"}
        number: str
        dated: date
        signatory: str
        signatory_post: str
        signatories: str  # version of the list of posts
        term_until: date
        signatory_unusual: bool = False

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.sks[self.version] = Sk(self.number, self.dated, self.term_until)

    class RegisteredAtOffice(Step):
        TOPIC = "wksbm.registered_at_office"
        register_number: str | None = None
        members: int | None = None

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.registered = True

    class Dissolved(Step):
        TOPIC = DISSOLVED
        CONFLICTS = frozenset({DISSOLVED, "wksbm.ratified", "wksbm.reactivated"})
        reason: str
        reasons: str  # version of the list of reasons
        successor: str | None = None  # id of the WKSBM it went into
        note: Sealed | None = None

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.dissolved = True

    def appoint_board(
        self,
        *,
        on: date,
        members: tuple[BoardMember, ...],
        term_from: date,
        term_until: date,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record a board with at least a chair and a secretary; `term_end` gives the usual end of a term.

        Raises `BoardIncomplete`, `TermEndsBeforeItBegins` or `UnknownCode` for an office.
        """
        self._must_stand()
        offices = OFFICES.on(on)
        for member in members:
            offices.check(member.office)
        if vacant := Board(members, term_from, term_until).vacant():
            raise BoardIncomplete(vacant=" dan ".join(vacant))
        _term(term_from, term_until)
        self._step(
            self.BoardAppointed,
            on=on,
            evidence=evidence,
            members=members,
            offices=offices.version,
            term_from=term_from,
            term_until=term_until,
        )

    def end_board_term(self, *, on: date, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record that the board in office that day has left it. Raises `NoBoardInOffice`."""
        self._must_stand()
        board = self.board_on(on)
        if board is None:
            raise NoBoardInOffice
        self._step(self.BoardTermEnded, on=on, evidence=evidence, board=board)

    def ratify(
        self,
        *,
        on: date,
        number: str,
        dated: date,
        signatory: str,
        signatory_post: str,
        term_until: date,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record the SK that makes it legal, or a later one. Without the SK's file it stands as unproven.

        Raises `SkIncomplete`, `SkDatedLater`, `SkAlreadyRecorded`, `TermEndsBeforeItBegins`, `NotReadyForRatification`
        or `UnknownCode`.
        """
        self._must_stand()
        if not number.strip() or not signatory.strip():
            raise SkIncomplete
        if dated > on:
            raise SkDatedLater
        _term(dated, term_until)
        if any(sk.number == number and sk.dated == dated for sk in self.sks.values()):
            raise SkAlreadyRecorded(number=number)
        posts = SIGNATORIES.on(on)
        posts.check(signatory_post)
        missing = self.missing_for_ratification(on=dated)
        if missing:
            raise NotReadyForRatification(missing=", ".join(MISSING[code] for code in missing))
        usual = EXPECTED_SIGNATORIES[kind_of(self.village)] if self.village else frozenset()
        self._step(
            self.Ratified,
            on=on,
            evidence=evidence,
            number=number,
            dated=dated,
            signatory=signatory,
            signatory_post=signatory_post,
            signatories=posts.version,
            term_until=term_until,
            signatory_unusual=signatory_post not in usual,
        )

    def register_at_office(
        self,
        *,
        on: date,
        register_number: str | None = None,
        members: int | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record its entry in the office's own register. Raises `NotFormedYet`."""
        self._must_stand()
        if not self.formed:
            raise NotFormedYet
        self._step(
            self.RegisteredAtOffice,
            on=on,
            evidence=evidence,
            register_number=register_number,
            members=counted("members", members),
        )

    def dissolve(
        self,
        *,
        on: date,
        reason: str,
        successor: str | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record the decision that dissolves it. The decision must be attached, or named by number and date (it then
        stands as unproven). Raises `DissolutionNeedsDecision`, `WksbmDissolved` or `UnknownCode`."""
        self._must_stand()
        if not proves(DISSOLVED, named(evidence)):
            raise DissolutionNeedsDecision
        reasons = DISSOLUTIONS.on(on)
        self._step(
            self.Dissolved,
            on=on,
            evidence=evidence,
            reason=reasons.check(reason),
            reasons=reasons.version,
            successor=successor,
            note=note,
        )


def _term(begins: date, ends: date) -> None:
    if ends <= begins:
        raise TermEndsBeforeItBegins
