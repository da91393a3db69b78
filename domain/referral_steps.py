"""What happens to a referral after it was sent, and how the office heard of it.

Destinations often have no account and tell only the end, by letter, telephone or a visit. So steps may be skipped
forward, and every step keeps its day and how the office was told.
"""

from datetime import date
from typing import Any, ClassVar

from domain.aggregate import Aggregate, Event
from domain.beneficiary_consent import Consenting
from domain.destinations import DOCUMENTS, REJECTIONS, REPLY_CHANNELS, RETURNS
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed


class ReferralHasEnded(Refused):
    RULE = "referral_has_ended"
    SENTENCE = "Rujukan ini sudah berakhir; buat rujukan baru bila masih diperlukan."


class ReferralStepOutOfTurn(Refused):
    RULE = "referral_step_out_of_turn"
    SENTENCE = "Langkah ini belum dapat dicatat saat rujukan berstatus “{state}”."


class ReplyBeforeSubmission(Refused):
    RULE = "reply_before_submission"
    SENTENCE = "Batas jawaban tidak boleh sebelum tanggal pengajuan rujukan."


class ReplyTimeNotOver(Refused):
    RULE = "reply_time_not_over"
    SENTENCE = "Rujukan belum kedaluwarsa: batas jawabannya {reply_by}."


class ForwardedToItself(Refused):
    RULE = "forwarded_to_itself"
    SENTENCE = "Rujukan hanya dapat dialihkan ke rujukan lain yang baru."


class FeedbackNotPossible(Refused):
    RULE = "feedback_not_possible"
    SENTENCE = "Umpan balik hanya dapat dicatat pada rujukan yang berjalan atau sudah selesai ditangani."


# A step depends on all the others: whoever has not seen one of them decides on an old picture.
STEPS = frozenset(
    f"referral.{step}"
    for step in [
        "accepted",
        "rejected",
        "returned",
        "resubmitted",
        "scheduled",
        "handled",
        "completed",
        "forwarded",
        "withdrawn",
        "client_absent",
        "expired",
    ]
)
ENDS = frozenset({"ditolak", "selesai", "dialihkan", "dibatalkan", "tidak_hadir", "kedaluwarsa"})
_WITH_DESTINATION = frozenset({"diajukan", "diterima", "dijadwalkan", "ditangani"})
_OPEN = _WITH_DESTINATION | {"dikembalikan"}


class Step(Event):
    """One step of a referral's life: ``channel`` says how the office was told, ``informant`` by whom."""

    CONFLICTS = STEPS
    STATE: ClassVar[str] = ""  # the state it leads to
    FROM: ClassVar[frozenset[str]] = _WITH_DESTINATION  # the states it may be decided in

    channel: str
    informant: Sealed | None = None
    note: Sealed | None = None

    def apply(self, referral: "Steps") -> None:
        referral.state = self.STATE


class Steps(Aggregate):
    """The steps of a referral and the state they lead to."""

    class Accepted(Step):
        TOPIC = "referral.accepted"
        STATE = "diterima"
        FROM = frozenset({"diajukan"})

    class Rejected(Step):
        TOPIC = "referral.rejected"
        STATE = "ditolak"
        reason: str
        reasons: str  # version of the list of reasons

    class Returned(Step):
        TOPIC = "referral.returned"
        STATE = "dikembalikan"
        reason: str
        reasons: str
        missing: tuple[str, ...] = ()  # documents asked for

    class Resubmitted(Step):
        TOPIC = "referral.resubmitted"
        STATE = "diajukan"
        FROM = frozenset({"dikembalikan"})
        reply_by: date
        letter_number: str | None = None
        documents: tuple[str, ...] = ()

        def apply(self, referral: "Steps") -> None:
            referral.state, referral.reply_by = self.STATE, self.reply_by

    class Scheduled(Step):
        TOPIC = "referral.scheduled"
        STATE = "dijadwalkan"
        FROM = frozenset({"diajukan", "diterima", "dijadwalkan"})
        planned_for: date

        def apply(self, referral: "Steps") -> None:
            referral.state, referral.planned_for = self.STATE, self.planned_for

    class Handled(Step):
        TOPIC = "referral.handled"
        STATE = "ditangani"
        FROM = frozenset({"diajukan", "diterima", "dijadwalkan"})

    class Completed(Step):
        TOPIC = "referral.completed"
        STATE = "selesai"
        outcome: str
        outcomes: str  # version of the list of results

    class Forwarded(Step):
        TOPIC = "referral.forwarded"
        STATE = "dialihkan"
        FROM = _OPEN
        next_referral: str

        def apply(self, referral: "Steps") -> None:
            referral.state, referral.next_referral = self.STATE, self.next_referral

    class Withdrawn(Step):
        TOPIC = "referral.withdrawn"
        STATE = "dibatalkan"
        FROM = _OPEN
        reason: Sealed

    class ClientAbsent(Step):
        TOPIC = "referral.client_absent"
        STATE = "tidak_hadir"

    class Expired(Step):
        TOPIC = "referral.expired"
        STATE = "kedaluwarsa"
        FROM = frozenset({"diajukan", "dikembalikan"})

    class FeedbackReceived(Event):
        TOPIC = "referral.feedback_received"
        CONFLICTS = frozenset()
        channel: str
        feedback: Sealed
        informant: Sealed | None = None

        def apply(self, referral: "Steps") -> None:
            referral.feedback_heard = True
            referral.loop_closed = referral.loop_closed or referral.state == "selesai"

    def start(self) -> None:
        self.state = ""
        self.reply_by: date | None = None
        self.planned_for: date | None = None
        self.next_referral: str | None = None
        self.feedback_heard = False
        self.loop_closed = False
        self.consent: str | None = None

    @property
    def settled(self) -> bool:
        """Whether the referral has come to its one end."""
        return self.state in ENDS

    @property
    def is_open(self) -> bool:
        return not self.settled

    def _step(self, step: type[Step], *, on: date, channel: str, **fields: Any) -> None:
        if self.settled:
            raise ReferralHasEnded
        if self.state not in step.FROM:
            raise ReferralStepOutOfTurn(state=self.state)
        self.trigger(step, on=on, channel=REPLY_CHANNELS.on(on).check(channel), **fields)

    def accept(
        self,
        *,
        on: date,
        channel: str,
        informant: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """The destination takes the subject. This and every step raise `ReferralHasEnded`, `ReferralStepOutOfTurn`."""
        self._step(self.Accepted, on=on, channel=channel, informant=informant, note=note, evidence=evidence)

    def reject(
        self,
        *,
        on: date,
        channel: str,
        reason: str,
        informant: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """The destination refuses, with a reason of the list `REJECTIONS`. An end."""
        reasons = REJECTIONS.on(on)
        why = {"reason": reasons.check(reason), "reasons": reasons.version}
        self._step(self.Rejected, on=on, channel=channel, informant=informant, note=note, evidence=evidence, **why)

    def return_incomplete(
        self,
        *,
        on: date,
        channel: str,
        reason: str,
        missing: tuple[str, ...] = (),
        informant: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """The destination sends it back for repair, with a reason of `RETURNS` and the documents it misses."""
        reasons = RETURNS.on(on)
        for document in missing:
            DOCUMENTS.on(on).check(document)
        why = {"reason": reasons.check(reason), "reasons": reasons.version, "missing": missing}
        self._step(self.Returned, on=on, channel=channel, informant=informant, note=note, evidence=evidence, **why)

    def resubmit(
        self,
        *,
        on: date,
        channel: str,
        reply_by: date,
        letter_number: str | None = None,
        documents: tuple[str, ...] = (),
        consenting: Consenting | None = None,
        informant: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Send a returned referral again, repaired, with a new day until which an answer is expected. The consent it
        rests on, one of ``consenting``, must still hold: also raises `NoSuchConsent`, `ConsentNotInForce`."""
        if self.consent is not None and consenting is not None:
            consenting.must_consent(self.consent, on=on)
        for document in documents:
            DOCUMENTS.on(on).check(document)
        if reply_by < on:
            raise ReplyBeforeSubmission
        again = {"reply_by": reply_by, "letter_number": letter_number, "documents": documents}
        self._step(self.Resubmitted, on=on, channel=channel, informant=informant, note=note, evidence=evidence, **again)

    def schedule(
        self,
        *,
        on: date,
        channel: str,
        planned_for: date,
        informant: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """The destination names the day, or another day, on which it expects the subject."""
        when = {"planned_for": planned_for}
        self._step(self.Scheduled, on=on, channel=channel, informant=informant, note=note, evidence=evidence, **when)
