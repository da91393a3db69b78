"""KPS (Keperangkatan Pelayanan Sosial): the small local bodies, such as majelis taklim and arisan, that a WKSBM binds
together. A KPS exists before and outside any WKSBM."""

from datetime import date

from domain.aggregate import Aggregate, Event
from domain.codes import CodeHistory, CodeList
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.villages import village_code

KINDS = CodeHistory(
    CodeList(
        name="jenis KPS",
        version="ID-KPS-2019",
        valid_from=date(2004, 1, 1),
        source="Kepmensos 42/HUK/2004 dan daftar setempat; terbuka lewat “lainnya”",
        codes={
            "majelis_taklim": "Majelis taklim",
            "kelompok_pengajian": "Kelompok pengajian / remaja masjid",
            "kelompok_ibadah": "Kelompok ibadah agama lain",
            "paguyuban": "Paguyuban warga / perantau",
            "arisan": "Arisan",
            "karang_taruna": "Karang Taruna",
            "pkk": "TP-PKK",
            "dasawisma": "Dasawisma",
            "posyandu": "Posyandu",
            "rukun_kematian": "Rukun kematian / hileiya",
            "huyula": "Kelompok huyula / ambu / ti'ayo",
            "rt_rw": "RT / RW / kepala dusun",
            "lpm": "LPM",
            "kube": "KUBE",
            "lks_lokal": "LKS / LKSA / panti lokal",
            "upz_baznas": "UPZ / lazis masjid",
            "psm_tagana_lokal": "Kelompok relawan (PSM, Tagana, KSB)",
            "kelompok_tani_nelayan": "Kelompok tani / nelayan",
            "bumdes": "BUM Desa",
            "lembaga_adat": "Lembaga adat desa",
            "lainnya": "Lainnya",
        },
    )
)


class KpsHasEnded(Refused):
    RULE = "kps_has_ended"
    SENTENCE = "KPS ini sudah tercatat tidak aktif lagi."


class KpsStillActive(Refused):
    RULE = "kps_still_active"
    SENTENCE = "KPS ini masih tercatat aktif."


class Kps(Aggregate):
    """One local body. Its name is a public fact; contacts and notes are sealed."""

    NOUN = "kps"

    class Registered(Event):
        TOPIC = "kps.registered"
        kind: str
        kinds: str  # version of the list of kinds
        name: str
        active_from: date | None = None
        members: int | None = None
        contact: Sealed | None = None

        def apply(self, kps: "Kps") -> None:
            kps.kind, kps.name, kps.active = self.kind, self.name, True

    class Ended(Event):
        TOPIC = "kps.ended"
        note: Sealed | None = None

        def apply(self, kps: "Kps") -> None:
            kps.active = False

    class Resumed(Event):
        TOPIC = "kps.resumed"

        def apply(self, kps: "Kps") -> None:
            kps.active = True

    def start(self) -> None:
        self.kind = ""
        self.name = ""
        self.active = False

    @classmethod
    def register(
        cls,
        id: str,
        *,
        on: date,
        village: str,
        kind: str,
        name: str,
        active_from: date | None = None,
        members: int | None = None,
        contact: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> "Kps":
        """Register a body found in a village. Raises `UnknownCode` for a kind that is not in the list of that day."""
        kinds = KINDS.on(on)
        kps = cls.blank(id)
        kps.trigger(
            cls.Registered,
            on=on,
            village=village_code(village),
            kind=kinds.check(kind),
            kinds=kinds.version,
            name=name,
            active_from=active_from,
            members=members,
            contact=contact,
            evidence=evidence,
        )
        return kps

    def end(self, *, on: date, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record that the body no longer exists or no longer works."""
        if not self.active:
            raise KpsHasEnded
        self.trigger(self.Ended, on=on, note=note, evidence=evidence)

    def resume(self, *, on: date, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record that the body works again."""
        if self.active:
            raise KpsStillActive
        self.trigger(self.Resumed, on=on, evidence=evidence)
