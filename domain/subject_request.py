"""What somebody asks of the data the office holds about her: access, correction, restriction, withdrawal of consent,
erasure, portability (UU 27/2022 art. 6 to 14), from the asking to the answer.

The clock of the law runs from the moment the request is recorded; `projections.subject_requests` tells when it is over.
"""

from datetime import date

from domain.case_codes import plain_code
from domain.sealed import Evidence, Sealed
from domain.subject_request_codes import (
    ASKERS,
    CHANNELS,
    CLOSINGS,
    GROUNDS,
    HANDED_OVER,
    IDENTITY_CHECKS,
    KINDS,
    NOT_THE_SUBJECT,
    PAUSES,
    REFUSALS,
)
from domain.subject_request_state import (
    ClockPaused,
    ClockRunning,
    DestructionNotNamed,
    GroundNotForThisRight,
    HeirOnlyAfterDeath,
    IdentityAlreadyConfirmed,
    NotHandedOver,
    NothingCorrected,
    RequestClosed,
    RequestNotGranted,
    RequestUnanswered,
    SubjectRequestState,
)


class SubjectRequest(SubjectRequestState):
    """One request about one beneficiary's data."""

    NOUN = "subject_request"

    @classmethod
    def open(
        cls,
        id: str,
        *,
        on: date,
        subject: str,
        tier: int,
        kind: str,
        asker: str | Sealed,
        channel: str,
        died: bool = False,
        requester: Sealed | None = None,
        details: Sealed | None = None,
        open_asker: str | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> "SubjectRequest":
        """Record a request as it is made (art. 14): by the subject, by who decides for her, or by an heir once she has
        ``died``. Of a strict subject the ``asker`` is sealed and ``open_asker`` the code behind it.

        Raises `HeirOnlyAfterDeath`, `MustBeSealed`, `UnknownCode`.
        """
        request = cls.blank(id)
        kinds, askers, channels = KINDS.on(on), ASKERS.on(on), CHANNELS.on(on)
        code = plain_code(strict=tier >= cls.STRICT_TIER, field="asker", value=asker, opened=open_asker)
        if (askers.check(code or "") == "ahli_waris") != died:
            raise HeirOnlyAfterDeath
        request.trigger(
            cls.Opened,
            on=on,
            subject=subject,
            tier=tier,
            kind=kinds.check(kind),
            kinds=kinds.version,
            asker=asker,
            askers=askers.version,
            channel=channels.check(channel),
            channels=channels.version,
            requester=requester,
            details=details,
            evidence=evidence,
        )
        return request

    def confirm_identity(
        self, *, on: date, how: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Record how it was checked that whoever asks may. Raises `IdentityAlreadyConfirmed`, `RequestDecided`."""
        self._undecided()
        if self.confirmed:
            raise IdentityAlreadyConfirmed
        checks = IDENTITY_CHECKS.on(on)
        self.trigger(
            self.IdentityConfirmed,
            on=on,
            how=checks.check(how),
            checks=checks.version,
            note=note,
            evidence=evidence,
        )

    def pause(self, *, on: date, reason: str, note: Sealed | None = None) -> None:
        """Stop the clock for a reason of `PAUSES`. Raises `ClockPaused`, `RequestDecided`."""
        self._undecided()
        if self.paused:
            raise ClockPaused
        reasons = PAUSES.on(on)
        self.trigger(self.Paused, on=on, reason=reasons.check(reason), reasons=reasons.version, note=note)

    def resume(self, *, on: date, note: Sealed | None = None) -> None:
        """Let the clock run on. Raises `ClockRunning`, `RequestDecided`."""
        self._undecided()
        if not self.paused:
            raise ClockRunning
        self.trigger(self.Resumed, on=on, note=note)

    def grant(
        self,
        *,
        on: date,
        destruction: str | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Say yes. The caller carries out a restriction or a withdrawal in the same command; an erasure goes on as a
        proposal to destroy, ``destruction``. Raises `IdentityNotConfirmed`, `RequestDecided`."""
        self._undecided()
        self.must_be_confirmed()
        self.trigger(self.Granted, on=on, destruction=destruction, note=note, evidence=evidence)

    def refuse(self, *, on: date, ground: str, reason: Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """Say no, on a ground of `GROUNDS` that the law allows for this right, told to whoever asked.

        Raises `GroundNotForThisRight` (art. 15(1) leaves out art. 6 and 7), `IdentityNotConfirmed` (but to refuse
        somebody who is not entitled), `RequestDecided`, `UnknownCode`.
        """
        self._undecided()
        grounds = GROUNDS.on(on)
        known = REFUSALS[grounds.version][grounds.check(ground)]
        if self.kind not in known.kinds:
            raise GroundNotForThisRight(article=known.article, kind=KINDS.versions[-1].codes.get(self.kind, self.kind))
        if ground != NOT_THE_SUBJECT:
            self.must_be_confirmed()
        self.trigger(
            self.RequestRefused,
            on=on,
            ground=ground,
            grounds=grounds.version,
            article=known.article,
            reason=reason,
            evidence=evidence,
        )

    def fulfil(
        self,
        *,
        on: date,
        sha256: str | None = None,
        entries: int = 0,
        files: int = 0,
        corrections: int = 0,
        destruction: str | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record that what was granted is done. Raises `RequestNotGranted`, `NotHandedOver` (access and portability),
        `NothingCorrected`, `DestructionNotNamed` (erasure)."""
        if self.state != "dikabulkan":
            raise RequestNotGranted
        if self.kind in HANDED_OVER and not sha256:
            raise NotHandedOver
        if self.kind == "correction" and corrections < 1:
            raise NothingCorrected
        if self.kind == "erasure" and not (destruction or self.destruction):
            raise DestructionNotNamed
        self.trigger(
            self.Fulfilled,
            on=on,
            sha256=sha256,
            entries=entries,
            files=files,
            corrections=corrections,
            destruction=destruction,
            note=note,
            evidence=evidence,
        )

    def close(self, *, on: date, outcome: str, note: Sealed | None = None) -> None:
        """End it: answered, or taken back by whoever asked. Raises `RequestClosed`, `RequestUnanswered`."""
        outcomes = CLOSINGS.on(on)
        outcomes.check(outcome)
        if self.state == "ditutup":
            raise RequestClosed
        if outcome != "dicabut" and self.state != {"selesai": "dipenuhi", "ditolak": "ditolak"}[outcome]:
            raise RequestUnanswered
        self.trigger(self.Closed, on=on, outcome=outcome, outcomes=outcomes.version, note=note)

    def orders_correction_of(self, subject: str) -> bool:
        """Whether it is a granted request to correct that subject's data, not carried out yet."""
        return self.kind == "correction" and self.state == "dikabulkan" and self.subject == subject
