"""What a WKSBM remembers, and the rules that hold for every step of its life."""

from dataclasses import dataclass, replace
from datetime import date

import msgspec

from domain.aggregate import Aggregate, Event
from domain.refusals import Refused
from domain.sealed import Evidence
from domain.wksbm_papers import proves, seen

DISSOLVED = "wksbm.dissolved"
ONLY_DISSOLUTION = frozenset({DISSOLVED})  # what makes a report of a plain fact stale


class WksbmDissolved(Refused):
    RULE = "wksbm_dissolved"
    SENTENCE = "WKSBM ini sudah dibubarkan. Bila dibentuk lagi, catat sebagai WKSBM baru."


class NegativeCount(Refused):
    RULE = "negative_count"
    SENTENCE = "Jumlah pada isian “{field}” tidak boleh kurang dari {least}."


class BoardMember(msgspec.Struct, frozen=True):
    """Who holds an office of the board. The name is public: a board member acts in office."""

    office: str
    name: str


@dataclass(frozen=True)
class Board:
    members: tuple[BoardMember, ...]
    term_from: date
    term_until: date

    def vacant(self) -> tuple[str, ...]:
        """Which of the two offices that every board needs has no name."""
        filled = {member.office for member in self.members if member.name.strip()}
        return tuple(office for office in ("ketua", "sekretaris") if office not in filled)


@dataclass(frozen=True)
class Sk:
    number: str
    dated: date
    term_until: date


@dataclass(frozen=True)
class Reported:
    """A step that no paper proves yet: which step, the kinds of papers seen so far, and the versions that brought the
    later ones."""

    step: str
    kinds: frozenset[str]
    provided: tuple[int, ...] = ()

    def with_more(self, kinds: frozenset[str], version: int) -> "Reported":
        return replace(self, kinds=self.kinds | kinds, provided=(*self.provided, version))


class Step(Event):
    """Something that happened to a WKSBM. ``unproven``: it is reported, but no paper that proves it was seen."""

    CONFLICTS = ONLY_DISSOLUTION
    unproven: bool = False

    def apply(self, wksbm: "WksbmState") -> None:
        if self.unproven:
            wksbm.unproven[self.version] = Reported(self.topic, seen(self.evidence))


class WksbmState(Aggregate):
    """The memory that the parts of `domain.wksbm.Wksbm` share. Facts are kept by the version of their event."""

    def start(self) -> None:
        self.name = ""
        self.hamlet: str | None = None
        self.attendances: dict[int, int | None] = {}
        self.formed = False
        self.boards: dict[int, Board] = {}
        self.boards_ended: dict[int, date] = {}
        self.sks: dict[int, Sk] = {}
        self.registered = False
        self.kps: set[str] = set()
        self.funds_raised = 0  # rupiah
        self.funds_distributed = 0  # rupiah
        self.dormant = False
        self.dissolved = False
        self.unproven: dict[int, Reported] = {}

    @property
    def stage(self) -> str:
        """How far it came: dirintis, terbentuk, sah or dibubarkan. Whether the SK is in force is asked with a day."""
        if self.dissolved:
            return "dibubarkan"
        if not self.formed:
            return "dirintis"
        return "sah" if self.sks else "terbentuk"

    @property
    def deliberated(self) -> bool:
        """Whether a deliberation was held of which the attendance is known."""
        return any(attendance is not None and attendance > 0 for attendance in self.attendances.values())

    def board_on(self, day: date) -> int | None:
        """The version that appointed the last board that had begun by ``day`` and whose end is not recorded."""
        begun = [
            (board.term_from, version)
            for version, board in self.boards.items()
            if board.term_from <= day and version not in self.boards_ended
        ]
        return max(begun)[1] if begun else None

    def ratified_on(self, day: date) -> bool:
        """Whether an SK was in force on a day."""
        return any(sk.dated <= day <= sk.term_until for sk in self.sks.values())

    def missing_for_ratification(self, on: date | None = None) -> tuple[str, ...]:
        """What still stands between this WKSBM and its SK: ``deliberation`` (held, with attendance), ``forming``,
        ``board``, or ``ketua`` and ``sekretaris`` when the board lacks them. Empty when an SK may be recorded.

        With ``on`` (the day of the SK) the board must have been in office that day, so that an old SK can be entered
        late; without, a board whose end is not recorded counts.
        """
        missing = [] if self.deliberated else ["deliberation"]
        if not self.formed:
            missing.append("forming")
        boards = [board for version, board in self.boards.items() if self._sits(version, on)]
        if not boards:
            missing.append("board")
        else:
            missing.extend(sorted((board.vacant() for board in boards), key=len)[0])
        return tuple(missing)

    def _sits(self, version: int, on: date | None = None) -> bool:
        ended = self.boards_ended.get(version)
        if on is None:
            return ended is None
        return on <= self.boards[version].term_until and (ended is None or on <= ended)

    def _must_stand(self) -> None:
        if self.dissolved:
            raise WksbmDissolved

    def _step(self, step: type[Step], *, on: date, evidence: tuple[Evidence, ...], **fields: object) -> None:
        """Trigger a step; it stands as unproven when the papers given do not prove it. A dissolved WKSBM takes none."""
        self._must_stand()
        unproven = not proves(step.TOPIC, seen(evidence))
        self.trigger(step, on=on, evidence=evidence, unproven=unproven, **fields)


def counted(field: str, count: int | None, least: int = 0) -> int | None:
    """Return a count that is not less than ``least``, or none; raises `NegativeCount`."""
    if count is not None and count < least:
        raise NegativeCount(field=field, least=least)
    return count
