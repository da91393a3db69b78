"""What a case remembers, and the refusals that every part of it shares."""

from collections.abc import Iterable
from datetime import date

from domain.aggregate import Aggregate, Event
from domain.case_codes import GRAVE_RISKS, strictest
from domain.refusals import Refused
from domain.seen import Mark, Seen


class CaseIsTerminated(Refused):
    RULE = "case_is_terminated"
    SENTENCE = "Kasus ini sudah diakhiri; hanya bimbingan lanjut, koreksi, atau pembukaan kembali yang dapat dicatat."


class AmountTooSmall(Refused):
    RULE = "amount_too_small"
    SENTENCE = "Isian “{field}” paling sedikit {least}."


class IdInUseHere(Refused):
    RULE = "id_in_use_in_case"
    SENTENCE = "Nomor kegiatan, kunjungan, atau rujukan ini sudah dipakai pada kasus ini."


class NoSelfApproval(Refused):
    RULE = "no_self_approval"
    SENTENCE = "Orang yang mengusulkan tidak boleh menyetujui usulannya sendiri."


# What is only added to a case goes stale by its end alone.
AFTER_ITS_END = frozenset({"case.terminated"})


class Answer(Mark, frozen=True):
    """One answer to how great the risk is. ``decided``: it settled earlier ones."""

    risk: str
    review_days: int
    decided: bool = False


def days_after(day: date, days: int) -> date:
    """The day ``days`` later, held within the calendar: a corrected record may carry any number."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def at_least(least: int, **amounts: int | None) -> None:
    """Raise `AmountTooSmall` for the first amount given that is below ``least``."""
    for field, amount in amounts.items():
        if amount is not None and amount < least:
            raise AmountTooSmall(field=field, least=least)


class CaseState(Aggregate):
    """The memory of a case.

    ``plans`` maps a plan's number to diusulkan, disetujui, dikembalikan or diganti; ``planned_visits`` and
    ``open_tasks`` map ids to the day they are due; ``settled_visits`` and ``settled_tasks`` map ids to how they ended.
    ``answers`` are the standing answers to how great the risk is: as long as they name several levels, the gravest counts
    and the shortest interval. ``gravest`` is the gravest level that counted since somebody else last agreed to how it
    stands; ``assessors`` are those whose assessments nobody else has decided on. What is folded here gives the same in any
    order in which offline entries may arrive (decision 38).
    """

    def start(self) -> None:
        self.beneficiary = ""
        self.subject_kind = ""
        self.urgency = ""
        self.reached = "diterima"
        self.terminated = False
        self.worker: str | None = None
        self.transfer_to: str | None = None
        self.transfer_requested_by: str | None = None
        self.assessed = False
        self.assessors: set[str] = set()
        self.risk: str | None = None
        self.gravest: str | None = None
        self.reviewed_on: date | None = None
        self.review_days = 0
        self.answers: tuple[Answer, ...] = ()
        self._answered: list[tuple[Answer, ...]] = []  # what stood after each answer, that one last
        self._noted: dict[str, list[Mark]] = {}  # who ended or changed a task or a visit
        self._dues: dict[str, dict[int, date]] = {}  # the days named for a task, by the version that names them
        self.plans: dict[int, str] = {}
        self.plan_proposers: dict[int, str] = {}
        self.plan_in_force: int | None = None
        self.open_tasks: dict[str, date] = {}
        self.settled_tasks: dict[str, str] = {}
        self.planned_visits: dict[str, date] = {}
        self.settled_visits: dict[str, str] = {}
        self.open_referrals: set[str] = set()
        self.settled_referrals: dict[str, str] = {}

    @property
    def stage(self) -> str:
        """diterima, asesmen, rencana, intervensi, monev or terminasi: the last reached, not a line to walk along."""
        return "terminasi" if self.terminated else self.reached

    @property
    def next_review(self) -> date | None:
        """The day the next review is due: the last assessment or review and the interval of the risk."""
        if self.terminated or self.reviewed_on is None:
            return None
        return days_after(self.reviewed_on, self.review_days)

    @property
    def next_plan(self) -> int:
        """The number the next proposed plan gets."""
        return max(self.plans, default=0) + 1

    @property
    def grave(self) -> bool:
        """Whether two people decide here: the risk is grave, or was and nobody else has agreed that it is not."""
        return self.gravest in GRAVE_RISKS

    @property
    def assessment_waits(self) -> bool:
        """Whether what the case was assessed with waits for somebody else's approval."""
        return self.grave and bool(self.assessors) and not self.terminated

    def _must_be_running(self) -> None:
        if self.terminated:
            raise CaseIsTerminated

    def _must_be_new(self, taken: Iterable[str], *ids: str) -> None:
        if len(set(ids)) < len(ids) or set(ids) & set(taken):
            raise IdInUseHere

    @property
    def disputed(self) -> bool:
        """Whether several levels of risk stand side by side ("dua jawaban")."""
        return _several(self.answers)

    def answer(
        self, event: Event, risk: str, review_days: int, beside: Iterable[int], *, decided: bool = False
    ) -> None:
        """Remember an answer about the risk; only those of the versions ``beside`` it go on standing."""
        kept = tuple(one for one in self.answers if one.version in set(beside))
        self.answers = (*kept, Answer(event.version, event.by, event.device, risk, review_days, decided))
        self._answered.append(self.answers)
        self.risk = strictest(one.risk for one in self.answers)
        self.gravest = self.risk if decided else strictest(filter(None, (self.gravest, self.risk)))
        self.review_days = min(one.review_days for one in self.answers)
        self.look(event)

    def look(self, event: Event) -> None:
        """Remember the last day on which somebody looked at how the subject fares."""
        self.reviewed_on = event.on if self.reviewed_on is None else max(self.reviewed_on, event.on)

    def _standing(self, seen: Seen) -> tuple[Answer, ...]:
        """The answers that stood in what was taken along."""
        held = [stood for stood in self._answered if seen.base is None or stood[-1].version <= seen.base]
        return held[-1] if held else ()

    def _joined(self, seen: Seen) -> tuple[Answer, ...]:
        """Of the answers that stood there, those of others, while several levels did: no ordinary answer settles them."""
        standing = self._standing(seen)
        return tuple(one for one in standing if one.by != seen.by) if _several(standing) else ()

    def _beside(self, seen: Seen) -> tuple[int, ...]:
        """The versions of the answers that one given now leaves standing: those not seen, and those it only joins."""
        unseen = [stood[-1] for stood in self._answered if not seen.knew(stood[-1])]
        return tuple(sorted({one.version for one in (*self._joined(seen), *unseen)}))

    def _known(self, seen: Seen) -> tuple[Answer, ...]:
        """The answers as they stand for whoever gives one now: what was taken along, and her own since."""
        own = [stood[-1] for stood in self._answered if seen.offline and seen.knew(stood[-1])]
        since = [one for one in own if one.version > (seen.base or 0)]
        return (*self._joined(seen), since[-1]) if since else self._standing(seen)

    def note(self, event: Event, what: str) -> None:
        """Remember that an entry ended or changed something that has a number of its own."""
        self._noted.setdefault(what, []).append(Mark.of(event))

    def date_task(self, event: Event, task: str, due: date, beside: Iterable[int] = ()) -> None:
        """Remember the day a task is due: the earliest of the days that were named side by side."""
        kept = {version: day for version, day in self._dues.get(task, {}).items() if version in set(beside)}
        self._dues[task] = kept | {event.version: due}
        self.open_tasks[task] = min(self._dues[task].values())

    def _ended_for(self, seen: Seen, what: str) -> bool:
        return any(seen.knew(mark) for mark in self._noted.get(what, ()))


def _several(answers: Iterable[Answer]) -> bool:
    return len({one.risk for one in answers}) > 1
