"""How a referral is handled and how it ends: each end is the only one."""

from datetime import date

from domain.destinations import REPLY_CHANNELS, RESULTS
from domain.referral_steps import ENDS, FeedbackNotPossible, ForwardedToItself, ReplyTimeNotOver, Steps
from domain.sealed import Evidence, Sealed


class Ends(Steps):
    """Handling, the six ends but rejection, and the feedback."""

    def handle(
        self,
        *,
        on: date,
        channel: str,
        informant: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """The destination has begun its work with the subject."""
        self._step(self.Handled, on=on, channel=channel, informant=informant, note=note, evidence=evidence)

    def complete(
        self,
        *,
        on: date,
        channel: str,
        outcome: str,
        informant: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """The destination has done its part, with a result of `RESULTS`. The case goes on, and feedback is awaited."""
        outcomes = RESULTS.on(on)
        result = {"outcome": outcomes.check(outcome), "outcomes": outcomes.version}
        self._step(self.Completed, on=on, channel=channel, informant=informant, note=note, evidence=evidence, **result)

    def forward(
        self,
        *,
        on: date,
        channel: str,
        next_referral: str,
        informant: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """The subject goes on to another destination, by the referral ``next_referral`` submitted in the same command."""
        if next_referral == self.id:
            raise ForwardedToItself
        to = {"next_referral": next_referral}
        self._step(self.Forwarded, on=on, channel=channel, informant=informant, note=note, evidence=evidence, **to)

    def withdraw(
        self,
        *,
        on: date,
        channel: str,
        reason: Sealed,
        informant: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """The office takes the referral back."""
        why = {"reason": reason}
        self._step(self.Withdrawn, on=on, channel=channel, informant=informant, note=note, evidence=evidence, **why)

    def note_absence(
        self,
        *,
        on: date,
        channel: str,
        informant: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """The subject did not come to the destination. An end: trying again is a new referral."""
        self._step(self.ClientAbsent, on=on, channel=channel, informant=informant, note=note, evidence=evidence)

    def expire(
        self, *, on: date, channel: str = "internal", note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Nobody answered in time. Raises `ReplyTimeNotOver` up to and on the last day."""
        if self.is_open and self.reply_by is not None and on <= self.reply_by:
            raise ReplyTimeNotOver(reply_by=self.reply_by)
        self._step(self.Expired, on=on, channel=channel, note=note, evidence=evidence)

    def receive_feedback(
        self,
        *,
        on: date,
        channel: str,
        feedback: Sealed,
        informant: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """What the destination reports back; it may come several times, and closes the loop once completed.

        Raises `FeedbackNotPossible` after an end other than completion.
        """
        if self.state in ENDS - {"selesai"}:
            raise FeedbackNotPossible
        self.trigger(
            self.FeedbackReceived,
            on=on,
            channel=REPLY_CHANNELS.on(on).check(channel),
            feedback=feedback,
            informant=informant,
            evidence=evidence,
        )
