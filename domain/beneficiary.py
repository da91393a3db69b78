"""A beneficiary (PPKS): a person, a family or a community in need. A NIK is optional, and so is being certain who it is.

This module has the registration and the identity; types, needs, domicile and family, duplicates, consents and the
restriction of processing are its base classes in ``beneficiary_*``.
"""

from datetime import date
from typing import Any

from domain import nik, ppks
from domain.aggregate import Event
from domain.beneficiary_consent import Consenting
from domain.beneficiary_document import DocumentHolding
from domain.beneficiary_duplicate import Linking
from domain.beneficiary_life import Living
from domain.beneficiary_need import Needing
from domain.beneficiary_restriction import Restricting
from domain.beneficiary_state import OnlyForPersons
from domain.codes import CodeHistory, CodeList
from domain.refusals import Refused, UnknownCode
from domain.sealed import Evidence, Sealed
from domain.villages import village_code

CHANNELS = CodeHistory(
    CodeList(
        name="saluran pendaftaran",
        version="ID-SALURAN-PENDAFTARAN-2019",
        valid_from=date(2019, 7, 1),
        source="Daftar setempat",
        codes={
            "datang_sendiri": "Datang sendiri",
            "keluarga": "Diantar atau dilaporkan keluarga",
            "laporan_warga": "Laporan warga",
            "wksbm": "WKSBM",
            "desa": "Pemerintah desa/kelurahan",
            "relawan": "PSM, TKSK, Tagana, atau relawan lain",
            "puskesos_slrt": "Puskesos / SLRT",
            "penjangkauan": "Penjangkauan petugas",
            "rujukan": "Rujukan lembaga lain",
            "sp4n_lapor": "SP4N-LAPOR!",
            "bencana": "Pendataan bencana",
            "pemindahan_data": "Pemindahan data lama",
            "lainnya": "Lainnya",
        },
    )
)

PAPERS = CodeHistory(
    CodeList(
        name="dokumen identitas",
        version="ID-DOKUMEN-2019",
        valid_from=date(2019, 7, 1),
        source="Dokumen kependudukan (UU 23/2006 dan perubahannya) dan surat keterangan yang diterima setempat",
        codes={
            "ktp": "KTP-el",
            "kk": "Kartu Keluarga",
            "kia": "Kartu Identitas Anak",
            "akta_lahir": "Akta kelahiran",
            "suket": "Surat keterangan Dukcapil",
            "surat_desa": "Surat keterangan desa/kelurahan",
            "lainnya": "Lainnya",
        },
    )
)

MATCHES = CodeHistory(
    CodeList(
        name="cara pemadanan identitas",
        version="ID-PADAN-2019",
        valid_from=date(2019, 7, 1),
        source="Daftar setempat; pemadanan hanya oleh Dukcapil",
        codes={
            "layanan_data": "Layanan data Dukcapil",
            "surat_dukcapil": "Surat Dukcapil",
            "perekaman": "Perekaman atau pemindaian biometrik di Dukcapil",
            "petugas_dukcapil": "Konfirmasi petugas Dukcapil",
        },
    )
)


class ReasonToGoOnNeeded(Refused):
    RULE = "reason_to_go_on_needed"
    SENTENCE = "Ada catatan yang mungkin sama; tulis alasan mengapa ini warga yang berbeda."


class NoIdentityClaimed(Refused):
    RULE = "no_identity_claimed"
    SENTENCE = "Belum ada NIK yang diklaim; catat dahulu NIK-nya sebelum pemadanan."


class IdentityAlreadyMatched(Refused):
    RULE = "identity_already_matched"
    SENTENCE = "NIK yang tercatat sudah dipadankan dengan Dukcapil."


class Beneficiary(Needing, Living, Linking, Consenting, Restricting, DocumentHolding):
    """One record. Whether two records are one person is said by a link, never by deleting one."""

    NOUN = "beneficiary"

    class Registered(Event):
        TOPIC = "beneficiary.registered"
        kind: str  # person, family, community
        channel: str
        channels: str  # version of the list of channels
        identity: Sealed
        nik_stated: bool = False
        nik_findings: tuple[str, ...] = ()  # codes of nik.FINDINGS
        hamlet: Sealed | None = None
        residence_outside: bool = False  # registered residence (KTP, KK) outside the territory
        duplicates_seen: int = 0
        reason_to_go_on: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.kind, beneficiary.identity = self.kind, self.identity
            beneficiary.identity_state = "claimed" if self.nik_stated else "none"
            beneficiary.residence_outside = self.residence_outside

    class IdentityClaimed(Event):
        TOPIC = "beneficiary.identity_claimed"
        CONFLICTS = frozenset(
            {"beneficiary.identity_claimed", "beneficiary.identity_matched", "beneficiary.linked_as_duplicate"}
        )
        identity: Sealed
        papers: tuple[str, ...] = ()
        papers_list: str = ""  # version of the list of papers
        nik_findings: tuple[str, ...] = ()
        duplicates_seen: int = 0
        reason_to_go_on: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.identity, beneficiary.identity_state = self.identity, "claimed"

    class IdentityMatched(Event):
        TOPIC = "beneficiary.identity_matched"
        CONFLICTS = frozenset(
            {"beneficiary.identity_claimed", "beneficiary.identity_matched", "beneficiary.linked_as_duplicate"}
        )
        how: str
        matches: str  # version of the list of ways
        reference: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.identity_state = "matched"

    @classmethod
    def register(
        cls,
        id: str,
        *,
        on: date,
        village: str,
        kind: str,
        channel: str,
        identity: Sealed,
        nik_stated: bool = False,
        nik_findings: tuple[str, ...] = (),
        hamlet: Sealed | None = None,
        residence_outside: bool = False,
        duplicates_seen: int = 0,
        reason_to_go_on: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> "Beneficiary":
        """Register a person, family or community at its domicile village.

        ``duplicates_seen`` counts the probable duplicates that were shown; with any, ``reason_to_go_on`` is needed.
        Raises `UnknownCode`, `NotAVillageCode`, `OnlyForPersons` (a NIK is a person's) or `ReasonToGoOnNeeded`.
        """
        if kind not in ppks.KINDS:
            raise UnknownCode(code=kind, listing="satuan PPKS")
        if kind != "person" and (nik_stated or nik_findings):
            raise OnlyForPersons
        if duplicates_seen > 0 and reason_to_go_on is None:
            raise ReasonToGoOnNeeded
        channels = CHANNELS.on(on)
        beneficiary = cls.blank(id)
        beneficiary.trigger(
            cls.Registered,
            on=on,
            village=village_code(village),
            kind=kind,
            channel=channels.check(channel),
            channels=channels.version,
            identity=identity,
            nik_stated=nik_stated,
            nik_findings=_known_findings(nik_findings),
            hamlet=hamlet,
            residence_outside=residence_outside,
            duplicates_seen=duplicates_seen,
            reason_to_go_on=reason_to_go_on,
            evidence=evidence,
        )
        return beneficiary

    def claim_identity(
        self,
        *,
        on: date,
        identity: Sealed,
        papers: tuple[str, ...] = (),
        nik_findings: tuple[str, ...] = (),
        duplicates_seen: int = 0,
        reason_to_go_on: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record the identity with a NIK that a person states, with the papers shown; it replaces an earlier one and
        has to be matched anew. Also after a death. ``duplicates_seen`` counts the other records with that NIK; with any,
        ``reason_to_go_on`` is needed. Raises `OnlyForPersons`, `UnknownCode`, `ReasonToGoOnNeeded`, `LinkedToAnother`."""
        self._stands()
        if self.kind != "person":
            raise OnlyForPersons
        if duplicates_seen > 0 and reason_to_go_on is None:
            raise ReasonToGoOnNeeded
        listing = PAPERS.on(on)
        for paper in papers:
            listing.check(paper)
        self.trigger(
            self.IdentityClaimed,
            on=on,
            identity=identity,
            papers=papers,
            papers_list=listing.version if papers else "",
            nik_findings=_known_findings(nik_findings),
            duplicates_seen=duplicates_seen,
            reason_to_go_on=reason_to_go_on,
            evidence=evidence,
        )

    def match_identity(
        self, *, on: date, how: str, reference: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Record that Dukcapil confirmed the claimed NIK. Raises `OnlyForPersons`, `NoIdentityClaimed`,
        `IdentityAlreadyMatched`, `UnknownCode`, `LinkedToAnother`."""
        self._stands()
        if self.kind != "person":
            raise OnlyForPersons
        if self.identity_state == "none":
            raise NoIdentityClaimed
        if self.identity_state == "matched":
            raise IdentityAlreadyMatched
        matches = MATCHES.on(on)
        self.trigger(
            self.IdentityMatched,
            on=on,
            how=matches.check(how),
            matches=matches.version,
            reference=reference,
            evidence=evidence,
        )


def _known_findings(findings: tuple[str, ...]) -> tuple[str, ...]:
    for finding in findings:
        if finding not in nik.FINDINGS:
            raise UnknownCode(code=finding[:40], listing="temuan NIK")
    return findings
