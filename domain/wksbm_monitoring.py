"""How a WKSBM is watched: assessment on a scale, the finding that it sleeps, and its waking.

That it may be dormant is computed from its records; that it is, somebody confirmed.
"""

from datetime import date

from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.wksbm_codes import SCALE, SIGNALS
from domain.wksbm_formation import NotFormedYet
from domain.wksbm_state import DISSOLVED, Step, WksbmState, counted

_WAKING = frozenset({"wksbm.found_dormant", "wksbm.reactivated", "wksbm.activity_reported", DISSOLVED})


class AlreadyDormant(Refused):
    RULE = "already_dormant"
    SENTENCE = "WKSBM ini sudah tercatat tidak aktif."


class NotDormant(Refused):
    RULE = "not_dormant"
    SENTENCE = "WKSBM ini tidak tercatat tidak aktif."


class Monitoring(WksbmState):
    """Looking after a WKSBM that is formed."""

    class Assessed(Step):
        TOPIC = "wksbm.assessed"
        level: str
        scale: str  # version of the scale
        score: int | None = None
        recommendation: Sealed | None = None

    class FoundDormant(Step):
        TOPIC = "wksbm.found_dormant"
        CONFLICTS = _WAKING
        signals: tuple[str, ...]
        signal_list: str  # version of the list of signals
        note: Sealed | None = None

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.dormant = True

    class Reactivated(Step):
        TOPIC = "wksbm.reactivated"
        CONFLICTS = _WAKING - {"wksbm.activity_reported"}
        note: Sealed | None = None

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.dormant = False

    def assess(
        self,
        *,
        on: date,
        level: str,
        score: int | None = None,
        recommendation: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record the outcome of monitoring, on the scale of that day. Raises `NotFormedYet`."""
        self._must_be_formed()
        scale = SCALE.on(on)
        self._step(
            self.Assessed,
            on=on,
            evidence=evidence,
            level=scale.check(level),
            scale=scale.version,
            score=counted("score", score),
            recommendation=recommendation,
        )

    def find_dormant(
        self, *, on: date, signals: tuple[str, ...], note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Confirm that it no longer works, and by which signals. Raises `NotFormedYet` or `AlreadyDormant`."""
        self._must_be_formed()
        if self.dormant:
            raise AlreadyDormant
        listing = SIGNALS.on(on)
        for signal in signals:
            listing.check(signal)
        self._step(self.FoundDormant, on=on, evidence=evidence, signals=signals, signal_list=listing.version, note=note)

    def reactivate(self, *, on: date, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record that it works again. Raises `NotDormant`."""
        self._must_stand()
        if not self.dormant:
            raise NotDormant
        self._step(self.Reactivated, on=on, evidence=evidence, note=note)

    def _must_be_formed(self) -> None:
        self._must_stand()
        if not self.formed:
            raise NotFormedYet
