"""Two records of one person: linked, never merged, and parted again when the link proves wrong.

Nothing is copied. Until the link is reversed new facts belong on the primary record; afterwards each record has what
was its own all along.
"""

from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.beneficiary_state import BeneficiaryState
from domain.codes import CodeHistory, CodeList
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed

GROUNDS = CodeHistory(
    CodeList(
        name="dasar dugaan ganda",
        version="ID-GANDA-2019",
        valid_from=date(2019, 7, 1),
        source="Daftar setempat",
        codes={
            "nik_sama": "NIK sama",
            "nik_mirip": "NIK hampir sama",
            "nama_sama": "Nama sama atau hanya berbeda ejaan",
            "nama_mirip": "Nama mirip",
            "nama_sebagian": "Sebagian nama mirip",
            "tanggal_lahir_sama": "Tanggal lahir sama",
            "tahun_lahir_sama": "Tahun lahir sama",
            "tahun_lahir_dekat": "Tahun lahir berselisih paling banyak dua tahun",
            "kk_sama": "Nomor KK sama",
            "desa_sama": "Desa/kelurahan sama",
            "telepon_sama": "Nomor telepon sama",
            "orang_tua_sama": "Nama orang tua sama atau mirip",
            "nik_beda": "NIK berbeda",
            "tahun_lahir_beda": "Tahun lahir berselisih lebih dari lima tahun",
            "orang_tua_beda": "Nama orang tua berbeda",
            "jenis_kelamin_beda": "Jenis kelamin berbeda",
            "pengakuan": "Diakui yang bersangkutan atau keluarganya",
            "pengamatan": "Dikenali petugas",
        },
    )
)


class LinkToItself(Refused):
    RULE = "link_to_itself"
    SENTENCE = "Catatan tidak dapat ditautkan kepada dirinya sendiri."


class LinkAcrossKinds(Refused):
    RULE = "link_across_kinds"
    SENTENCE = "Hanya catatan yang sejenis (perorangan, keluarga, atau masyarakat) yang dapat ditautkan sebagai ganda."


class LinkChain(Refused):
    RULE = "link_chain"
    SENTENCE = (
        "Catatan ini sendiri catatan utama bagi catatan lain; tautkan catatan lain itu dahulu, atau balik arahnya."
    )


class NotLinked(Refused):
    RULE = "not_linked"
    SENTENCE = "Kedua catatan ini tidak sedang bertaut."


class ScoreOutOfRange(Refused):
    RULE = "score_out_of_range"
    SENTENCE = "Skor kemiripan adalah angka bulat 0 sampai 100."


class Linking(BeneficiaryState):
    """The part of a beneficiary that knows of its duplicates. Both records take part in every link and every reversal:
    the caller records the new events of both in one command."""

    class LinkedAsDuplicate(Event):
        TOPIC = "beneficiary.linked_as_duplicate"
        CONFLICTS = frozenset(
            {
                "beneficiary.linked_as_duplicate",
                "beneficiary.link_reversed",
                "beneficiary.duplicate_acknowledged",
            }
        )
        primary: str
        reason: Sealed
        score: int = 0  # likeness, 0 to 100; 0 when nobody computed it
        grounds: tuple[str, ...] = ()
        grounds_list: str = ""  # version of the list of grounds

        def apply(self, beneficiary: Any) -> None:
            beneficiary.linked_to = self.primary

    class LinkReversed(Event):
        TOPIC = "beneficiary.link_reversed"
        CONFLICTS = frozenset({"beneficiary.linked_as_duplicate", "beneficiary.link_reversed"})
        primary: str
        reason: Sealed

        def apply(self, beneficiary: Any) -> None:
            if beneficiary.linked_to == self.primary:
                beneficiary.linked_to = None

    class DuplicateAcknowledged(Event):
        """On the primary: another record was found to be this beneficiary."""

        TOPIC = "beneficiary.duplicate_acknowledged"
        CONFLICTS = frozenset({"beneficiary.linked_as_duplicate"})
        duplicate: str

        def apply(self, beneficiary: Any) -> None:
            beneficiary.duplicates.add(self.duplicate)

    class DuplicateReleased(Event):
        """On the primary: the other record is somebody else after all."""

        TOPIC = "beneficiary.duplicate_released"
        CONFLICTS = frozenset()
        duplicate: str

        def apply(self, beneficiary: Any) -> None:
            beneficiary.duplicates.discard(self.duplicate)

    def link_as_duplicate(
        self,
        *,
        on: date,
        primary: "Linking",
        reason: Sealed,
        score: int = 0,
        grounds: tuple[str, ...] = (),
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record that this is a second record of ``primary``. Triggers an event on both.

        Raises `LinkToItself`, `LinkAcrossKinds`, `LinkedToAnother` (either record is linked already), `LinkChain` (this
        record is the primary of others), `ScoreOutOfRange` or `UnknownCode`.
        """
        self._stands()
        if primary.id == self.id:
            raise LinkToItself
        primary._stands()
        if primary.kind != self.kind:
            raise LinkAcrossKinds
        if self.duplicates:
            raise LinkChain
        if not 0 <= score <= 100:
            raise ScoreOutOfRange
        listing = GROUNDS.on(on)
        for ground in grounds:
            listing.check(ground)
        self.trigger(
            self.LinkedAsDuplicate,
            on=on,
            primary=primary.id,
            reason=reason,
            score=score,
            grounds=grounds,
            grounds_list=listing.version if grounds else "",
            evidence=evidence,
        )
        primary.trigger(primary.DuplicateAcknowledged, on=on, duplicate=self.id)

    def reverse_link(
        self, *, on: date, primary: "Linking", reason: Sealed, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Record that the link to ``primary`` was wrong. Triggers an event on both. Raises `NotLinked`."""
        if self.linked_to is None or self.linked_to != primary.id:
            raise NotLinked
        self.trigger(self.LinkReversed, on=on, primary=primary.id, reason=reason, evidence=evidence)
        primary.trigger(primary.DuplicateReleased, on=on, duplicate=self.id)
