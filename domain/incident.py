"""A disaster incident: declared once, its victims recorded fast and mostly without NIK, relief delivered, victims
verified. Figures reported in the first hours stay as they were reported; a later figure reconciles them, it never
replaces them."""

from datetime import date

from domain.incident_codes import CONDITIONS, FIGURES, GOODS, KINDS, NOT_VICTIMS, OUTCOMES, RELIEF, UNITS
from domain.incident_facts import (
    IncidentAlreadyClosed,
    IncidentHasNoPlace,
    IncidentIsClosed,
    NoLongerAVictim,
    NothingToReconcile,
    OutsideTheIncident,
    RecipientsUnclear,
    Victim,
    VictimAlreadyRecorded,
    VictimAlreadyVerified,
    VictimNotRecorded,
    VillageAlreadyHit,
    at_least,
    not_before,
)
from domain.incident_state import IncidentState
from domain.sealed import Evidence, Sealed
from domain.villages import village_code


class DisasterIncident(IncidentState):
    """One disaster with everybody it hit. Victims are pseudonymous ids: who they are is in their registrations."""

    NOUN = "incident"

    @classmethod
    def declare(
        cls,
        id: str,
        *,
        on: date,
        kind: str,
        name: str,
        struck_on: date,
        kabupaten_scale: bool = False,
        villages: tuple[str, ...] = (),
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> "DisasterIncident":
        """Declare a disaster (its decision, SK, as evidence). ``name`` is public, such as "Banjir Limboto Juni 2024".

        Raises `UnknownCode`, `NotAVillageCode`, `IncidentHasNoPlace` or `BeforeTheDisaster`.
        """
        kinds = KINDS.on(on)
        kinds.check(kind)
        if not villages and not kabupaten_scale:
            raise IncidentHasNoPlace
        not_before(struck_on, on)
        villages = tuple(dict.fromkeys(village_code(code) for code in villages))
        incident = cls.blank(id)
        incident.trigger(
            cls.Declared,
            on=on,
            village=villages[0] if len(villages) == 1 else None,
            kind=kind,
            kinds=kinds.version,
            name=name,
            struck_on=struck_on,
            kabupaten_scale=kabupaten_scale,
            villages=villages,
            note=note,
            evidence=evidence,
        )
        return incident

    def extend(self, *, on: date, villages: tuple[str, ...], evidence: tuple[Evidence, ...] = ()) -> None:
        """Add villages that turned out to be hit too. Raises `IncidentIsClosed` or `VillageAlreadyHit`."""
        self._happened(on)
        added = tuple(dict.fromkeys(village_code(code) for code in villages if code not in self.villages))
        if not added:
            raise VillageAlreadyHit
        self.trigger(
            self.Extended, on=on, village=added[0] if len(added) == 1 else None, villages=added, evidence=evidence
        )

    def record_victims(self, *, on: date, victims: tuple[Victim, ...], evidence: tuple[Evidence, ...] = ()) -> None:
        """Record a whole list of victims, one event each, all or none.

        Raises `VictimAlreadyRecorded` (also for one who stands twice in the list), `OutsideTheIncident`, `UnknownCode`,
        `NotAVillageCode`, `NumberTooSmall`, `IncidentIsClosed` or `BeforeTheDisaster`.
        """
        self._happened(on)
        listing = CONDITIONS.on(on)
        seen = set(self.victims)
        for one in victims:
            if one.victim in seen:
                raise VictimAlreadyRecorded
            seen.add(one.victim)
            if not self.kabupaten_scale and village_code(one.village) not in self.villages:
                raise OutsideTheIncident(village=one.village)
            village_code(one.village)
            at_least(1, household=one.household)
            for condition in one.conditions:
                listing.check(condition)
        for one in victims:
            self.trigger(
                self.VictimRecorded,
                on=on,
                village=one.village,
                victim=one.victim,
                conditions=one.conditions,
                listing=listing.version,
                household=one.household,
                nik_known=one.nik_known,
                note=one.note,
                evidence=evidence,
            )

    def verify_victim(
        self,
        *,
        on: date,
        victim: str,
        outcome: str,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Say what a check in the field found, also after the incident was closed. Who was not found may be checked
        again. Raises `VictimNotRecorded`, `VictimAlreadyVerified`, `UnknownCode` or `BeforeTheDisaster`."""
        not_before(self.struck_on, on)
        if victim not in self.victims:
            raise VictimNotRecorded
        outcomes = OUTCOMES.on(on)
        outcomes.check(outcome)
        if self.verified.get(victim, ("tidak_ditemukan", on))[0] != "tidak_ditemukan":
            raise VictimAlreadyVerified
        self.trigger(
            self.VictimVerified,
            on=on,
            village=self.victims[victim][0],
            victim=victim,
            outcome=outcome,
            outcomes=outcomes.version,
            note=note,
            evidence=evidence,
        )

    def deliver_relief(
        self,
        *,
        on: date,
        kind: str,
        goods: str,
        quantity: int,
        unit: str,
        village: str | None = None,
        value_rupiah: int | None = None,
        recipients: tuple[str, ...] = (),
        count: int | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record relief (E1 to E5) handed to recorded victims, or to ``count`` people where nobody took names.

        Raises `RecipientsUnclear`, `VictimNotRecorded`, `NoLongerAVictim`, `UnknownCode`, `NumberTooSmall`,
        `IncidentIsClosed` or `BeforeTheDisaster`.
        """
        self._happened(on)
        kinds, listing, units = RELIEF.on(on), GOODS.on(on), UNITS.on(on)
        kinds.check(kind)
        listing.check(goods)
        units.check(unit)
        at_least(1, quantity=quantity, count=count)
        at_least(0, value_rupiah=value_rupiah)
        recipients = tuple(dict.fromkeys(recipients))
        if bool(recipients) == (count is not None):
            raise RecipientsUnclear
        for victim in recipients:
            if victim not in self.victims:
                raise VictimNotRecorded
            outcome, found_on = self.verified.get(victim, ("", on))
            if outcome in NOT_VICTIMS and on >= found_on:
                raise NoLongerAVictim
        self.trigger(
            self.ReliefDelivered,
            on=on,
            village=village_code(village) if village else None,
            kind=kind,
            kinds=kinds.version,
            goods=goods,
            listing=listing.version,
            quantity=quantity,
            unit=unit,
            units=units.version,
            value_rupiah=value_rupiah,
            recipients=recipients,
            count=count,
            note=note,
            evidence=evidence,
        )

    def report_figure(
        self,
        *,
        on: date,
        figure: str,
        number: int,
        reporter: str,
        village: str | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Note a figure as somebody reported it, beside all earlier ones. ``reporter`` is an institution, such as BPBD.

        Raises `UnknownCode`, `NumberTooSmall`, `IncidentIsClosed` or `BeforeTheDisaster`.
        """
        self._happened(on)
        figures = FIGURES.on(on)
        figures.check(figure)
        at_least(0, number=number)
        self.trigger(
            self.FigureReported,
            on=on,
            village=village_code(village) if village else None,
            figure=figure,
            figures=figures.version,
            number=number,
            reporter=reporter,
            evidence=evidence,
        )

    def reconcile_figure(
        self,
        *,
        on: date,
        figure: str,
        number: int,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """State the agreed figure, also after closing; what was reported stays. Raises `NothingToReconcile`,
        `UnknownCode`, `NumberTooSmall` or `BeforeTheDisaster`."""
        not_before(self.struck_on, on)
        figures = FIGURES.on(on)
        figures.check(figure)
        at_least(0, number=number)
        reported = [told for name, told in self.reported.values() if name == figure]
        if not reported:
            raise NothingToReconcile(figure=figures.codes[figure])
        self.trigger(
            self.FigureReconciled,
            on=on,
            village=None,
            figure=figure,
            figures=figures.version,
            number=number,
            reported=reported[-1],
            listed=self.people,
            note=note,
            evidence=evidence,
        )

    def close(self, *, on: date, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()) -> None:
        """End the emergency. Late facts of earlier days, verifications and reconciliations may still come.

        Raises `IncidentAlreadyClosed` or `BeforeTheDisaster`.
        """
        if self.closed_on is not None:
            raise IncidentAlreadyClosed
        not_before(self.struck_on, on)
        self.trigger(self.Closed, on=on, village=None, note=note, evidence=evidence)

    def _happened(self, on: date) -> None:
        not_before(self.struck_on, on)
        if self.closed_on is not None and on > self.closed_on:
            raise IncidentIsClosed(closed_on=self.closed_on)
