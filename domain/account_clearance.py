"""Clearances: which compartments of the strictly restricted tier an account may open, from when until when.

A role says how far a right reaches; a clearance says about whom. It is given by the administrator on a paper, because
whoever decides it is not whoever enters it, and it stays open in the log: that an officer is cleared is a fact of her
office which an auditor must be able to check. Nothing about a person in need is in it.
"""

from datetime import date

import msgspec

from domain.account_state import AccountState
from domain.aggregate import Event
from domain.compartments import COMPARTMENTS, OTHER
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed


class ClearancePaperMissing(Refused):
    RULE = "clearance_paper_missing"
    SENTENCE = "Izin membuka data terbatas diberikan atas dasar surat; sebutkan surat itu."


class ClearanceEndsBeforeItBegins(Refused):
    RULE = "clearance_ends_before_it_begins"
    SENTENCE = "Hari terakhir izin ({until}) mendahului hari pertamanya ({begins})."


class ClearanceTaken(Refused):
    RULE = "clearance_taken"
    SENTENCE = "Nomor izin ini sudah dipakai pada akun ini."


class ClearanceForOneself(Refused):
    RULE = "clearance_for_oneself"
    SENTENCE = "Izin membuka data terbatas untuk akun sendiri harus diberikan oleh orang lain."


class NoSuchClearance(Refused):
    RULE = "no_such_clearance"
    SENTENCE = "Izin ini tidak ada pada akun ini atau sudah dicabut."


class WorkerNotCleared(Refused):
    RULE = "worker_not_cleared"
    SENTENCE = (
        "Petugas ini belum dapat menangani kasus ini: izinnya belum lengkap. Pilih petugas lain atau hubungi admin."
    )


class Clearance(msgspec.Struct, frozen=True):
    """One clearance: ``valid_until`` is the last day (none: until revoked)."""

    compartment: str
    valid_from: date
    valid_until: date | None = None


class Clearing(AccountState):
    """The part of an account that carries its clearances."""

    class ClearanceGranted(Event):
        TOPIC = "account.clearance_granted"
        CONFLICTS = frozenset({"account.closed", "account.reopened"})
        clearance: str  # id
        compartment: str
        compartments: str  # version of the list of compartments
        valid_from: date
        valid_until: date | None = None

        def apply(self, account: "Clearing") -> None:
            account.cleared[self.clearance] = Clearance(self.compartment, self.valid_from, self.valid_until)

    class ClearanceRevoked(Event):
        TOPIC = "account.clearance_revoked"
        CONFLICTS = frozenset({"account.clearance_revoked"})
        clearance: str
        note: Sealed | None = None

        def apply(self, account: "Clearing") -> None:
            account.uncleared[self.clearance] = self.on

    def start(self) -> None:
        super().start()
        self.cleared: dict[str, Clearance] = {}
        self.uncleared: dict[str, date] = {}  # the day from which a clearance no longer holds

    def grant_clearance(
        self,
        *,
        on: date,
        clearance: str,
        compartment: str,
        valid_from: date,
        valid_until: date | None = None,
        evidence: tuple[Evidence, ...] = (),
        by: str | None = None,
    ) -> None:
        """Clear the account for one compartment, from a day until a last day, on a paper. ``by`` is the account that gives
        it, none at the machine itself.

        Raises `AccountIsClosed`, `ClearanceForOneself`, `UnknownCode`, `ClearanceTaken`, `ClearancePaperMissing`,
        `ClearanceEndsBeforeItBegins`.
        """
        self._must_be_open()
        if by == self.id:
            raise ClearanceForOneself
        compartments = COMPARTMENTS.on(on)
        compartments.check(compartment)
        if clearance in self.cleared:
            raise ClearanceTaken
        if not evidence:
            raise ClearancePaperMissing
        if valid_until is not None and valid_until < valid_from:
            raise ClearanceEndsBeforeItBegins(until=valid_until, begins=valid_from)
        self.trigger(
            self.ClearanceGranted,
            on=on,
            clearance=clearance,
            compartment=compartment,
            compartments=compartments.version,
            valid_from=valid_from,
            valid_until=valid_until,
            evidence=evidence,
        )

    def revoke_clearance(
        self, *, on: date, clearance: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Take a clearance away: from ``on`` it no longer holds. Raises `NoSuchClearance`."""
        if clearance not in self.cleared or clearance in self.uncleared:
            raise NoSuchClearance
        self.trigger(self.ClearanceRevoked, on=on, clearance=clearance, note=note, evidence=evidence)

    def clearances_on(self, day: date) -> frozenset[str]:
        """The compartments the account is cleared for on a day; whether the account is open is for the caller to ask."""
        return frozenset(
            one.compartment
            for id, one in self.cleared.items()
            if one.valid_from <= day
            and (one.valid_until is None or day <= one.valid_until)
            and (id not in self.uncleared or day < self.uncleared[id])
        )

    def must_be_cleared(self, compartments: frozenset[str], day: date) -> None:
        """Raise `WorkerNotCleared` unless the account may open somebody in all these compartments on a day; in none named
        means strictly restricted for another reason."""
        if not (compartments or frozenset({OTHER})) <= self.clearances_on(day):
            raise WorkerNotCleared
