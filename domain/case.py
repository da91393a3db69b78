"""A case: one person, family or community whom the office has taken on, from the first report to aftercare."""

from datetime import date

from domain.aggregate import Event
from domain.case_assessment import Assessment
from domain.case_closure import Closure
from domain.case_codes import CHANNELS, PROGRESS, SUBJECT_KINDS, URGENCIES
from domain.case_plan import Planning
from domain.case_state import AFTER_ITS_END, IdInUseHere
from domain.case_transfer import Transfer
from domain.case_visits import Visits
from domain.case_work import Work
from domain.refusals import Refused, UnknownCode
from domain.sealed import Evidence, Sealed


class AnonymousHasNoReporter(Refused):
    RULE = "anonymous_has_no_reporter"
    SENTENCE = "Laporan tanpa nama tidak boleh memuat identitas pelapor."


class TierOnlyRises(Refused):
    RULE = "tier_only_rises"
    SENTENCE = "Tingkat kerahasiaan kasus hanya dapat dinaikkan, dari 1 sampai 3."


class CaseIsRunning(Refused):
    RULE = "case_is_running"
    SENTENCE = "Kasus ini masih berjalan; tindakan ini hanya untuk kasus yang sudah diakhiri."


class ReferralNotOpen(Refused):
    RULE = "referral_not_open_on_case"
    SENTENCE = "Rujukan ini tidak sedang berjalan pada kasus ini."


class Case(Assessment, Planning, Work, Visits, Transfer, Closure):
    """One case. A terminated case takes only aftercare, reopening, corrections, a higher tier, and the onward way of a
    referral that was open when it ended."""

    NOUN = "case"

    class Opened(Event):
        TOPIC = "case.opened"
        beneficiary: str
        subject_kind: str  # person, family or community
        channel: str
        channels: str  # version of the list of channels
        urgency: str
        urgencies: str  # version of the list of urgencies
        tier: int
        anonymous: bool = False
        story: Sealed | None = None
        reporter: Sealed | None = None

        def apply(self, case: "Case") -> None:
            case.beneficiary, case.subject_kind = self.beneficiary, self.subject_kind
            case.urgency, case.tier = self.urgency, self.tier

    class TierRaised(Event):
        TOPIC = "case.tier_raised"
        tier: int

        def apply(self, case: "Case") -> None:
            case.tier = max(case.tier, self.tier)

    class ReferralOpened(Event):
        TOPIC = "case.referral_opened"
        CONFLICTS = AFTER_ITS_END
        referral: str
        forwarded_from: str | None = None

        def apply(self, case: "Case") -> None:
            case.open_referrals.add(self.referral)

    class ReferralSettled(Event):
        TOPIC = "case.referral_settled"
        CONFLICTS = frozenset()
        referral: str
        state: str  # the referral's end

        def apply(self, case: "Case") -> None:
            case.open_referrals.discard(self.referral)
            case.settled_referrals[self.referral] = self.state

    class AftercareVisited(Event):
        TOPIC = "case.aftercare_visited"
        CONFLICTS = frozenset({"case.reopened"})
        condition: str
        note: Sealed | None = None

    class Reopened(Event):
        TOPIC = "case.reopened"
        CONFLICTS = frozenset({"case.reopened", "case.terminated"})
        reason: Sealed

        def apply(self, case: "Case") -> None:
            case.terminated, case.reached = False, "diterima"
            case.assessed, case.plan_in_force = False, None
            case.assessors.clear()

    @classmethod
    def open(
        cls,
        id: str,
        *,
        on: date,
        beneficiary: str,
        subject_kind: str,
        channel: str,
        urgency: str,
        tier: int,
        village: str | None = None,
        anonymous: bool = False,
        story: Sealed | None = None,
        reporter: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> "Case":
        """Take on a subject. ``tier`` is 1 to 3, that of the subject's most sensitive classification.

        Raises `UnknownCode`, `TierOnlyRises` for a tier that does not exist, `AnonymousHasNoReporter`.
        """
        channels, urgencies = CHANNELS.on(on), URGENCIES.on(on)
        if subject_kind not in SUBJECT_KINDS:
            raise UnknownCode(code=subject_kind, listing="jenis subjek")
        if not 1 <= tier <= cls.STRICT_TIER:
            raise TierOnlyRises
        if anonymous and reporter is not None:
            raise AnonymousHasNoReporter
        case = cls.blank(id)
        case.trigger(
            cls.Opened,
            on=on,
            village=village,
            beneficiary=beneficiary,
            subject_kind=subject_kind,
            channel=channels.check(channel),
            channels=channels.version,
            urgency=urgencies.check(urgency),
            urgencies=urgencies.version,
            tier=tier,
            anonymous=anonymous,
            story=story,
            reporter=reporter,
            evidence=evidence,
        )
        return case

    def raise_tier(self, *, on: date, tier: int) -> None:
        """Restrict the case further, because the subject's classification did. Raises `TierOnlyRises`."""
        if not self.tier < tier <= self.STRICT_TIER:
            raise TierOnlyRises
        self.trigger(self.TierRaised, on=on, tier=tier)

    def note_referral_opened(self, *, on: date, referral: str, forwarded_from: str | None = None) -> None:
        """Note on the case a referral submitted in the same command.

        One that carries on from an open referral of this case (``forwarded_from``) is noted even after termination,
        before that one is settled. Raises `CaseIsTerminated`, `IdInUseHere`.
        """
        if forwarded_from not in self.open_referrals:
            self._must_be_running()
        if referral in self.open_referrals or referral in self.settled_referrals:
            raise IdInUseHere
        self.trigger(self.ReferralOpened, on=on, referral=referral, forwarded_from=forwarded_from)

    def note_referral_settled(self, *, on: date, referral: str, state: str) -> None:
        """Note the end of a referral in the same command; ``state`` is `Referral.state`. The case itself goes on.

        Raises `ReferralNotOpen`.
        """
        if referral not in self.open_referrals:
            raise ReferralNotOpen
        self.trigger(self.ReferralSettled, on=on, referral=referral, state=state)

    def visit_aftercare(
        self, *, on: date, condition: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Record aftercare (bimbingan lanjut) and the condition found, a code of `PROGRESS`.

        Raises `CaseIsRunning`, `UnknownCode`.
        """
        if not self.terminated:
            raise CaseIsRunning
        self.trigger(
            self.AftercareVisited, on=on, condition=PROGRESS.on(on).check(condition), note=note, evidence=evidence
        )

    def reopen(self, *, on: date, reason: Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """Take the case up again, with its whole earlier life. It needs a new assessment before a new plan, and a plan
        or an exception before services. Raises `CaseIsRunning`."""
        if not self.terminated:
            raise CaseIsRunning
        self.trigger(self.Reopened, on=on, reason=reason, evidence=evidence)
