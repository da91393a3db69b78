"""What a WKSBM does and is given: members, facilities, coaching, activities, money.

None of these needs the SK: many a body works for years before its papers are in order.
"""

from datetime import date

from domain.codes import CodeHistory
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.wksbm_codes import ACTIVITIES, COACHING, FACILITIES, ORIGINS, PURPOSES
from domain.wksbm_state import DISSOLVED, Step, WksbmState, counted

_MEMBERSHIP = frozenset({"wksbm.kps_joined", "wksbm.kps_left", DISSOLVED})


class KpsAlreadyMember(Refused):
    RULE = "kps_already_member"
    SENTENCE = "KPS ini sudah menjadi anggota WKSBM."


class KpsNotMember(Refused):
    RULE = "kps_not_member"
    SENTENCE = "KPS ini bukan anggota WKSBM."


class Life(WksbmState):
    """The life of a WKSBM beside its papers."""

    class KpsJoined(Step):
        TOPIC = "wksbm.kps_joined"
        CONFLICTS = _MEMBERSHIP
        kps: str

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.kps.add(self.kps)

    class KpsLeft(Step):
        TOPIC = "wksbm.kps_left"
        CONFLICTS = _MEMBERSHIP
        kps: str

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.kps.discard(self.kps)

    class FacilityProvided(Step):
        TOPIC = "wksbm.facility_provided"
        kind: str
        kinds: str
        quantity: int
        origin: str  # who paid
        origins: str
        value: int | None = None  # rupiah
        note: Sealed | None = None

    class CoachingConducted(Step):
        """``session`` is an id shared by the WKSBM that were coached on one and the same occasion."""

        TOPIC = "wksbm.coaching_conducted"
        kind: str
        kinds: str
        organizer: str = ""  # an office or institution
        participants: int | None = None
        session: str | None = None
        note: Sealed | None = None

    class ActivityReported(Step):
        TOPIC = "wksbm.activity_reported"
        kind: str
        kinds: str
        participants: int | None = None
        beneficiaries: int | None = None
        description: Sealed | None = None

    class FundsRaised(Step):
        TOPIC = "wksbm.funds_raised"
        amount: int  # rupiah
        origin: str
        origins: str
        note: Sealed | None = None

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.funds_raised += self.amount

    class FundsDistributed(Step):
        TOPIC = "wksbm.funds_distributed"
        amount: int  # rupiah
        purpose: str
        purposes: str
        beneficiaries: int
        note: Sealed | None = None

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.funds_distributed += self.amount

    def join_kps(self, *, on: date, kps: str, evidence: tuple[Evidence, ...] = ()) -> None:
        """A KPS (its id) becomes a member. Raises `KpsAlreadyMember`."""
        self._must_stand()
        if kps in self.kps:
            raise KpsAlreadyMember
        self._step(self.KpsJoined, on=on, evidence=evidence, kps=kps)

    def leave_kps(self, *, on: date, kps: str, evidence: tuple[Evidence, ...] = ()) -> None:
        """A KPS leaves. Raises `KpsNotMember`."""
        self._must_stand()
        if kps not in self.kps:
            raise KpsNotMember
        self._step(self.KpsLeft, on=on, evidence=evidence, kps=kps)

    def provide_facility(
        self,
        *,
        on: date,
        kind: str,
        quantity: int,
        origin: str,
        value: int | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record something handed over to it; ``value`` in rupiah, in all."""
        codes = coded(on, kind=(FACILITIES, kind, "kinds"), origin=(ORIGINS, origin, "origins"))
        counts = {"quantity": counted("quantity", quantity, 1), "value": counted("value", value)}
        self._step(self.FacilityProvided, on=on, evidence=evidence, note=note, **codes, **counts)

    def conduct_coaching(
        self,
        *,
        on: date,
        kind: str,
        organizer: str = "",
        participants: int | None = None,
        session: str | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record coaching or training given to it."""
        codes = coded(on, kind=(COACHING, kind, "kinds"))
        self._step(
            self.CoachingConducted,
            on=on,
            evidence=evidence,
            organizer=organizer,
            participants=counted("participants", participants),
            session=session,
            note=note,
            **codes,
        )

    def report_activity(
        self,
        *,
        on: date,
        kind: str,
        participants: int | None = None,
        beneficiaries: int | None = None,
        description: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record something it did. This does not end a finding of dormancy: that is decided by `reactivate`."""
        codes = coded(on, kind=(ACTIVITIES, kind, "kinds"))
        self._step(
            self.ActivityReported,
            on=on,
            evidence=evidence,
            participants=counted("participants", participants),
            beneficiaries=counted("beneficiaries", beneficiaries),
            description=description,
            **codes,
        )

    def raise_funds(
        self,
        *,
        on: date,
        amount: int,
        origin: str,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record money that came in, in rupiah."""
        codes = coded(on, origin=(ORIGINS, origin, "origins"))
        self._step(self.FundsRaised, on=on, evidence=evidence, amount=counted("amount", amount, 1), note=note, **codes)

    def distribute_funds(
        self,
        *,
        on: date,
        amount: int,
        purpose: str,
        beneficiaries: int,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record money given out, in rupiah, and to how many. More than was recorded as raised is allowed: the books of
        a village body seldom begin at the beginning."""
        codes = coded(on, purpose=(PURPOSES, purpose, "purposes"))
        self._step(
            self.FundsDistributed,
            on=on,
            evidence=evidence,
            amount=counted("amount", amount, 1),
            beneficiaries=counted("beneficiaries", beneficiaries),
            note=note,
            **codes,
        )


def coded(on: date, **given: tuple[CodeHistory, str, str]) -> dict[str, str]:
    """The codes, checked against the lists of that day, each with the field that names the list's version."""
    fields = {}
    for field, (history, code, version_field) in given.items():
        listing = history.on(on)
        fields[field] = listing.check(code)
        fields[version_field] = listing.version
    return fields
