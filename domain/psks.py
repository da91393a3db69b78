"""PSKS (Potensi dan Sumber Kesejahteraan Sosial): the people and bodies who can help, and what they offer.

The register is also the directory of providers: which service, for how many, for which area, and when.
"""

import re
from datetime import date

from domain.aggregate import Aggregate, Event
from domain.psks_codes import KINDS, REASONS, SERVICES, unit_of
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.villages import village_code

_AREA = re.compile(r"\d{2}\.\d{2}(\.\d{2}(\.[12]\d{3})?)?")
_STANDING = frozenset({"psks.ended", "psks.resumed"})
_OFFER = frozenset({"psks.service_offered", "psks.service_withdrawn", "psks.ended"})


class PsksHasEnded(Refused):
    RULE = "psks_has_ended"
    SENTENCE = "PSKS ini sudah tercatat tidak aktif lagi."


class PsksStillActive(Refused):
    RULE = "psks_still_active"
    SENTENCE = "PSKS ini masih tercatat aktif."


class WksbmHasItsOwnRecord(Refused):
    RULE = "wksbm_has_its_own_record"
    SENTENCE = "WKSBM juga PSKS, tetapi dicatat sebagai WKSBM supaya tidak terhitung dua kali."


class ServiceNotOffered(Refused):
    RULE = "service_not_offered"
    SENTENCE = "Layanan “{service}” tidak sedang ditawarkan oleh PSKS ini."


class CapacityNegative(Refused):
    RULE = "capacity_negative"
    SENTENCE = "Daya tampung tidak boleh kurang dari nol."


class NotAnArea(Refused):
    RULE = "not_an_area"
    SENTENCE = "“{code}” bukan kode wilayah Kemendagri (kabupaten, kecamatan, atau desa/kelurahan)."


class Psks(Aggregate):
    """One person, family or body that serves. The name it serves under is a public fact; contacts are sealed."""

    NOUN = "psks"

    class Registered(Event):
        TOPIC = "psks.registered"
        kind: str
        kinds: str  # version of the list of kinds
        unit: str  # person, family, institution or network
        name: str
        active_from: date | None = None
        members: int | None = None
        area: str | None = None
        contact: Sealed | None = None

        def apply(self, psks: "Psks") -> None:
            psks.kind, psks.unit, psks.name, psks.active = self.kind, self.unit, self.name, True
            psks.area = self.area

    class Ended(Event):
        TOPIC = "psks.ended"
        CONFLICTS = _STANDING
        reason: str
        reasons: str  # version of the list of reasons
        note: Sealed | None = None

        def apply(self, psks: "Psks") -> None:
            psks.active = False

    class Resumed(Event):
        TOPIC = "psks.resumed"
        CONFLICTS = _STANDING

        def apply(self, psks: "Psks") -> None:
            psks.active = True

    class ServiceOffered(Event):
        """``capacity`` is the number of people at a time; ``catchment`` holds Kemendagri codes, empty for no limit."""

        TOPIC = "psks.service_offered"
        CONFLICTS = _OFFER
        service: str
        services: str  # version of the list of services
        capacity: int | None = None
        catchment: tuple[str, ...] = ()
        open_hours: str = ""

        def apply(self, psks: "Psks") -> None:
            psks.services.add(self.service)

    class ServiceWithdrawn(Event):
        TOPIC = "psks.service_withdrawn"
        CONFLICTS = _OFFER
        service: str

        def apply(self, psks: "Psks") -> None:
            psks.services.discard(self.service)

    def start(self) -> None:
        self.kind = ""
        self.unit = ""
        self.name = ""
        self.area: str | None = None
        self.active = False
        self.services: set[str] = set()

    @classmethod
    def register(
        cls,
        id: str,
        *,
        on: date,
        kind: str,
        name: str,
        village: str | None = None,
        area: str | None = None,
        active_from: date | None = None,
        members: int | None = None,
        contact: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> "Psks":
        """Register someone who serves, such as a PSM, a TKSK (``area`` is the kecamatan) or an LKS.

        Raises `UnknownCode`, `WksbmHasItsOwnRecord`, `NotAVillageCode` or `NotAnArea`.
        """
        kinds = KINDS.on(on)
        if kinds.check(kind) == "wksbm":
            raise WksbmHasItsOwnRecord
        psks = cls.blank(id)
        psks.trigger(
            cls.Registered,
            on=on,
            village=None if village is None else village_code(village),
            kind=kind,
            kinds=kinds.version,
            unit=unit_of(kinds.version, kind),
            name=name,
            active_from=active_from,
            members=members,
            area=None if area is None else _area(area),
            contact=contact,
            evidence=evidence,
        )
        return psks

    def end(self, *, on: date, reason: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record from when it no longer serves. Raises `PsksHasEnded` or `UnknownCode`."""
        self._must_be_active()
        reasons = REASONS.on(on)
        self.trigger(
            self.Ended, on=on, reason=reasons.check(reason), reasons=reasons.version, note=note, evidence=evidence
        )

    def resume(self, *, on: date, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record from when it serves again. Raises `PsksStillActive`."""
        if self.active:
            raise PsksStillActive
        self.trigger(self.Resumed, on=on, evidence=evidence)

    def offer_service(
        self,
        *,
        on: date,
        service: str,
        capacity: int | None = None,
        catchment: tuple[str, ...] = (),
        open_hours: str = "",
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """List a service, or list it anew with other terms. Raises `PsksHasEnded`, `UnknownCode`, `CapacityNegative`
        or `NotAnArea`."""
        self._must_be_active()
        if capacity is not None and capacity < 0:
            raise CapacityNegative
        services = SERVICES.on(on)
        self.trigger(
            self.ServiceOffered,
            on=on,
            service=services.check(service),
            services=services.version,
            capacity=capacity,
            catchment=tuple(_area(code) for code in catchment),
            open_hours=open_hours,
            evidence=evidence,
        )

    def withdraw_service(self, *, on: date, service: str, evidence: tuple[Evidence, ...] = ()) -> None:
        """Take a service off the list. Raises `PsksHasEnded` or `ServiceNotOffered`."""
        self._must_be_active()
        if service not in self.services:
            raise ServiceNotOffered(service=service[:40])
        self.trigger(self.ServiceWithdrawn, on=on, service=service, evidence=evidence)

    def _must_be_active(self) -> None:
        if not self.active:
            raise PsksHasEnded


def _area(code: str) -> str:
    if not _AREA.fullmatch(code):
        raise NotAnArea(code=code[:20])
    return code
