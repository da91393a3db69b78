"""How a WKSBM comes to be: from the first meeting to its forming by deliberation (Kepmensos 42/HUK/2004)."""

from datetime import date
from typing import Self

from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.villages import village_code
from domain.wksbm_state import DISSOLVED, Step, WksbmState, counted


class FormingNeedsDeliberation(Refused):
    RULE = "forming_needs_deliberation"
    SENTENCE = "WKSBM dibentuk oleh musyawarah: catat dulu musyawarahnya beserta jumlah yang hadir."


class AlreadyFormed(Refused):
    RULE = "already_formed"
    SENTENCE = "WKSBM ini sudah tercatat terbentuk."


class NotFormedYet(Refused):
    RULE = "not_formed_yet"
    SENTENCE = "WKSBM ini belum tercatat terbentuk."


class Formation(WksbmState):
    """The steps before and up to forming."""

    class Initiated(Step):
        TOPIC = "wksbm.initiated"
        name: str
        hamlet: str | None = None  # the part of the village it serves, when not the whole

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.name, wksbm.hamlet = self.name, self.hamlet

    class SocializationHeld(Step):
        """``session`` is an id shared by the WKSBM that met on one and the same occasion."""

        TOPIC = "wksbm.socialization_held"
        attendance: int | None = None
        session: str | None = None
        minutes: Sealed | None = None

    class KpsIdentified(Step):
        """``kps`` holds the ids of those in the register, ``found`` the number found in all."""

        TOPIC = "wksbm.kps_identified"
        found: int
        kps: tuple[str, ...] = ()

    class DeliberationHeld(Step):
        TOPIC = "wksbm.deliberation_held"
        attendance: int | None = None
        minutes: Sealed | None = None

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.attendances[self.version] = self.attendance

    class Formed(Step):
        TOPIC = "wksbm.formed"
        CONFLICTS = frozenset({"wksbm.formed", DISSOLVED})
        legal_basis: str | None = None

        def apply(self, wksbm: WksbmState) -> None:
            super().apply(wksbm)
            wksbm.formed = True

    @classmethod
    def initiate(
        cls,
        id: str,
        *,
        on: date,
        village: str,
        name: str,
        hamlet: str | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> Self:
        """Begin a WKSBM in a village; a village may have several. Raises `NotAVillageCode`."""
        wksbm = cls.blank(id)
        wksbm._step(cls.Initiated, on=on, evidence=evidence, village=village_code(village), name=name, hamlet=hamlet)
        return wksbm

    def hold_socialization(
        self,
        *,
        on: date,
        attendance: int | None = None,
        session: str | None = None,
        minutes: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record that people were told what a WKSBM is. An unknown attendance is left out."""
        self._step(
            self.SocializationHeld,
            on=on,
            evidence=evidence,
            attendance=counted("attendance", attendance, 1),
            session=session,
            minutes=minutes,
        )

    def identify_kps(
        self, *, on: date, found: int, kps: tuple[str, ...] = (), evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Record how many local social bodies were found, and which of them are in the register."""
        self._step(self.KpsIdentified, on=on, evidence=evidence, found=counted("found", found, len(kps)), kps=kps)

    def hold_deliberation(
        self,
        *,
        on: date,
        attendance: int | None = None,
        minutes: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record a deliberation (musyawarah). One whose attendance nobody knows is kept, but cannot form a WKSBM."""
        self._step(
            self.DeliberationHeld,
            on=on,
            evidence=evidence,
            attendance=counted("attendance", attendance, 1),
            minutes=minutes,
        )

    def form(self, *, on: date, legal_basis: str | None = None, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record the forming. Raises `FormingNeedsDeliberation` or `AlreadyFormed`."""
        self._must_stand()
        if self.formed:
            raise AlreadyFormed
        if not self.deliberated:
            raise FormingNeedsDeliberation
        self._step(self.Formed, on=on, evidence=evidence, legal_basis=legal_basis)
