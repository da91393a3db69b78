"""Where a beneficiary lives, to which family it belongs, and that it died or moved away."""

from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.beneficiary_state import CLOSING, BeneficiaryState, OnlyForPersons
from domain.codes import CodeHistory, CodeList
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.villages import village_code

RELATIONS = CodeHistory(
    CodeList(
        name="hubungan dalam keluarga",
        version="ID-SHDK-2019",
        valid_from=date(2019, 7, 1),
        source="Status hubungan dalam keluarga pada Kartu Keluarga; ditambah wali dan anak asuh",
        codes={
            "kepala_keluarga": "Kepala keluarga",
            "suami": "Suami",
            "istri": "Istri",
            "anak": "Anak",
            "menantu": "Menantu",
            "cucu": "Cucu",
            "orang_tua": "Orang tua",
            "mertua": "Mertua",
            "wali": "Wali",
            "anak_asuh": "Anak asuh",
            "famili_lain": "Famili lain",
            "lainnya": "Lainnya",
        },
    )
)


class SameDomicile(Refused):
    RULE = "same_domicile"
    SENTENCE = "Desa/kelurahan domisili sama dengan yang tercatat; isi alamat baru bila hanya alamatnya yang berubah."


class AlreadyMovedOut(Refused):
    RULE = "already_moved_out"
    SENTENCE = "Warga ini sudah tercatat pindah keluar; catat domisili barunya bila ia kembali."


class NotAFamily(Refused):
    RULE = "not_a_family"
    SENTENCE = "Catatan yang dituju bukan keluarga."


class AlreadyInFamily(Refused):
    RULE = "already_in_family"
    SENTENCE = "Warga ini masih tercatat sebagai anggota keluarga {family}; catat dahulu keluarnya."


class NotInFamily(Refused):
    RULE = "not_in_family"
    SENTENCE = "Warga ini tidak tercatat sebagai anggota keluarga itu."


class DeathAlreadyRecorded(Refused):
    RULE = "death_already_recorded"
    SENTENCE = "Kematian warga ini sudah tercatat; koreksi catatan itu bila tanggalnya keliru."


class Living(BeneficiaryState):
    """The part of a beneficiary that follows its domicile, family and end."""

    class DomicileMoved(Event):
        TOPIC = "beneficiary.domicile_moved"
        CONFLICTS = CLOSING | {"beneficiary.domicile_moved", "beneficiary.moved_out"}
        moved_from: str  # village; the village moved to is the event's own
        outside: bool = False  # outside the territory of this office
        address: Sealed | None = None
        hamlet: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.moved_out = False

    class FamilyJoined(Event):
        TOPIC = "beneficiary.family_joined"
        CONFLICTS = CLOSING | {"beneficiary.family_joined", "beneficiary.family_left"}
        family: str  # id of the family's record
        relation: str
        relations: str  # version of the list of relations

        def apply(self, beneficiary: Any) -> None:
            beneficiary.family = self.family

    class FamilyLeft(Event):
        TOPIC = "beneficiary.family_left"
        CONFLICTS = frozenset({"beneficiary.family_joined", "beneficiary.family_left"})
        family: str
        note: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            if beneficiary.family == self.family:
                beneficiary.family = None

    class Died(Event):
        TOPIC = "beneficiary.died"
        CONFLICTS = CLOSING
        note: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.died_on = self.on

    class MovedOut(Event):
        TOPIC = "beneficiary.moved_out"
        CONFLICTS = CLOSING | {"beneficiary.domicile_moved", "beneficiary.moved_out"}
        destination: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.moved_out = True

    def move_domicile(
        self,
        *,
        on: date,
        village: str,
        outside: bool = False,
        address: Sealed | None = None,
        hamlet: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record a new domicile; services follow it. ``outside`` says that the village belongs to another regency, the
        office serving on. Ends a recorded departure. Raises `NotAVillageCode`, `SameDomicile`, `HasDied`,
        `LinkedToAnother`."""
        self._lives(on)
        here = self.village or ""
        if village_code(village) == here and address is None and hamlet is None and not self.moved_out:
            raise SameDomicile
        self.trigger(
            self.DomicileMoved,
            on=on,
            village=village,
            moved_from=here,
            outside=outside,
            address=address,
            hamlet=hamlet,
            evidence=evidence,
        )

    def join_family(self, *, on: date, family: "Living", relation: str, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record that a person belongs to a registered family; a person is in one family at a time, as on the KK.
        Raises `OnlyForPersons`, `NotAFamily`, `AlreadyInFamily`, `UnknownCode`, `HasDied`, `LinkedToAnother` (also
        when the family's record is linked to another)."""
        self._lives(on)
        family._stands()
        if self.kind != "person":
            raise OnlyForPersons
        if family.kind != "family":
            raise NotAFamily
        if self.family is not None:
            raise AlreadyInFamily(family=self.family)
        relations = RELATIONS.on(on)
        self.trigger(
            self.FamilyJoined,
            on=on,
            family=family.id,
            relation=relations.check(relation),
            relations=relations.version,
            evidence=evidence,
        )

    def leave_family(
        self, *, on: date, family: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Record that a person no longer belongs to the family with that id. Raises `NotInFamily`,
        `LinkedToAnother`."""
        self._stands()
        if self.family is None or self.family != family:
            raise NotInFamily
        self.trigger(self.FamilyLeft, on=on, family=family, note=note, evidence=evidence)

    def die(self, *, on: date, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record a death and its day. Types and cases are ended by decisions of their own. Raises `OnlyForPersons`,
        `DeathAlreadyRecorded`, `LinkedToAnother`."""
        self._stands()
        if self.kind != "person":
            raise OnlyForPersons
        if self.died_on is not None:
            raise DeathAlreadyRecorded
        self.trigger(self.Died, on=on, note=note, evidence=evidence)

    def move_out(self, *, on: date, destination: Sealed | None = None, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record that the beneficiary left the territory. Raises `AlreadyMovedOut`, `HasDied`, `LinkedToAnother`."""
        self._lives(on)
        if self.moved_out:
            raise AlreadyMovedOut
        self.trigger(self.MovedOut, on=on, destination=destination, evidence=evidence)
