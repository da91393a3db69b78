"""What a case remembers, and the refusals that every part of it shares."""

from collections.abc import Iterable
from datetime import date

from domain.aggregate import Aggregate
from domain.refusals import Refused


class CaseIsTerminated(Refused):
    RULE = "case_is_terminated"
    SENTENCE = (
        "Kasus ini sudah diterminasi; hanya bimbingan lanjut, koreksi, atau pembukaan kembali yang dapat dicatat."
    )


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
        self.risk: str | None = None
        self.reviewed_on: date | None = None
        self.review_days = 0
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

    def _must_be_running(self) -> None:
        if self.terminated:
            raise CaseIsTerminated

    def _must_be_new(self, taken: Iterable[str], *ids: str) -> None:
        if len(set(ids)) < len(ids) or set(ids) & set(taken):
            raise IdInUseHere
