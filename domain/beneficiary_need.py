"""Whether a person is neglected, lives inside an institution, and needs which SPM services: facts apart from the type,
because SPM counts people by them."""

from datetime import date
from typing import Any

from domain import spm
from domain.aggregate import Event
from domain.beneficiary_classification import Classifying, NoOpenClassification
from domain.beneficiary_state import CLOSING, OnlyForPersons
from domain.codes import CodeHistory, CodeList
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed

NEGLECT_GROUNDS = CodeHistory(
    CodeList(
        name="dasar penilaian keterlantaran",
        version="ID-TELANTAR-2019",
        valid_from=date(2019, 7, 1),
        source="Daftar setempat; surat keterangan telantar dari kepolisian dipakai pada penerimaan klien",
        codes={
            "kunjungan_rumah": "Kunjungan rumah",
            "wawancara": "Wawancara",
            "surat_keterangan_telantar": "Surat keterangan telantar",
            "musyawarah_desa": "Musyawarah desa/kelurahan",
            "laporan_lembaga": "Laporan lembaga",
            "lainnya": "Lainnya",
        },
    )
)


class AlreadyInside(Refused):
    RULE = "already_inside_institution"
    SENTENCE = "Warga ini masih tercatat di dalam panti; catat dahulu kapan ia keluar."


class NotInside(Refused):
    RULE = "not_inside_institution"
    SENTENCE = "Warga ini tidak tercatat di dalam panti."


class NeedYearOff(Refused):
    RULE = "need_year_off"
    SENTENCE = "Kebutuhan ditetapkan untuk tahun berjalan atau tahun berikutnya ({first} atau {second})."


class ServicesMissing(Refused):
    RULE = "services_missing"
    SENTENCE = "Sebutkan sedikitnya satu layanan yang dibutuhkan."


class Needing(Classifying):
    """The part of a beneficiary that says what it needs, and the conditions SPM attaches to that."""

    class NeglectAssessed(Event):
        TOPIC = "beneficiary.neglect_assessed"
        CONFLICTS = CLOSING | {"beneficiary.neglect_assessed"}
        neglected: bool
        how: str
        grounds: str  # version of the list of grounds
        note: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.neglected = self.neglected

    class InstitutionEntered(Event):
        TOPIC = "beneficiary.institution_entered"
        CONFLICTS = CLOSING | {"beneficiary.institution_entered", "beneficiary.institution_left"}
        institution: str | Sealed

        def apply(self, beneficiary: Any) -> None:
            beneficiary.inside_institution = True

    class InstitutionLeft(Event):
        TOPIC = "beneficiary.institution_left"
        CONFLICTS = frozenset({"beneficiary.institution_entered", "beneficiary.institution_left"})
        note: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.inside_institution = False

    class NeedDetermined(Event):
        TOPIC = "beneficiary.need_determined"
        CONFLICTS = CLOSING | {
            "beneficiary.need_determined",
            "beneficiary.ppks_reclassified",
            "beneficiary.ppks_ended",
        }
        classification: str
        spm_service: str | Sealed  # a to e
        services: tuple[str, ...] | Sealed  # items of that service, L01 to L13 or E1 to E5
        spm: str  # version of the lists of services and items
        year: int

        def apply(self, beneficiary: Any) -> None:
            beneficiary.needs.add((self.classification, self.year))

    def assess_neglect(
        self,
        *,
        on: date,
        neglected: bool,
        how: str,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record whether the beneficiary is neglected (telantar) and how that was found. The latest assessment holds.
        Raises `UnknownCode`, `HasDied`, `LinkedToAnother`."""
        self._lives(on)
        grounds = NEGLECT_GROUNDS.on(on)
        self.trigger(
            self.NeglectAssessed,
            on=on,
            neglected=neglected,
            how=grounds.check(how),
            grounds=grounds.version,
            note=note,
            evidence=evidence,
        )

    def enter_institution(self, *, on: date, institution: str | Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record that a person now lives inside an institution. Raises `AlreadyInside`, `OnlyForPersons`,
        `MustBeSealed`, `HasDied`, `LinkedToAnother`."""
        self._lives(on)
        self._seal(institution=institution)
        if self.kind != "person":
            raise OnlyForPersons
        if self.inside_institution:
            raise AlreadyInside
        self.trigger(self.InstitutionEntered, on=on, institution=institution, evidence=evidence)

    def leave_institution(self, *, on: date, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record that the person left the institution, alive or not. Raises `NotInside`, `LinkedToAnother`."""
        self._stands()
        if not self.inside_institution:
            raise NotInside
        self.trigger(self.InstitutionLeft, on=on, note=note, evidence=evidence)

    def determine_need(
        self,
        *,
        on: date,
        classification: str,
        spm_service: str | Sealed,
        services: tuple[str, ...] | Sealed,
        year: int,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record which items of an SPM service an open classification makes necessary in a year. The latest one for
        the same classification and year holds.

        For a strict subject both come sealed, after the caller ran `spm.check_need`. Raises `NoOpenClassification`,
        `NeedYearOff`, `ServicesMissing`, `MustBeSealed`, `HasDied`, `LinkedToAnother` and what `check_need` raises.
        """
        self._lives(on)
        self._seal(spm_service=spm_service, services=services)
        type = self.open_types().get(classification)
        if type is None:
            raise NoOpenClassification
        if year not in (on.year, on.year + 1):
            raise NeedYearOff(first=on.year, second=on.year + 1)
        if not services:
            raise ServicesMissing
        if isinstance(spm_service, str):
            spm.check_need(
                spm_service,
                services if isinstance(services, tuple) else (),
                type=type if isinstance(type, str) else "",
                on=on,
                neglected=self.neglected,
                inside=self.inside_institution,
            )
        self.trigger(
            self.NeedDetermined,
            on=on,
            classification=classification,
            spm_service=spm_service,
            services=services,
            spm=spm.SERVICES.on(on).version,
            year=year,
            evidence=evidence,
        )
