"""Compartments of the strictly restricted tier: of what kind the secret is, so that an officer is cleared for what her
work needs and no more.

Source: UU 27/2022 art. 4(2) (specific data), UU 11/2012 art. 19 (children in conflict with the law), Permensos 6/2018
(ODHIV). The list of types is that of Permensos 08/2012; which compartment a type belongs to is the office's own design. A
compartment of a person is never stored in the open: it is known from the sealed labels of her keys.
"""

from collections.abc import Iterable
from datetime import date

from domain import ppks
from domain.codes import CodeHistory, CodeList

COMPARTMENTS = CodeHistory(
    CodeList(
        name="kompartemen",
        version="ID-KOMPARTEMEN-2019",
        valid_from=date(2019, 1, 1),
        source="Daftar setempat, dari jenis PPKS tingkat 3 (Permensos 08/2012)",
        codes={
            "hiv": "HIV/AIDS",
            "gangguan_jiwa": "Gangguan jiwa",
            "anak": "Anak, termasuk ABH",
            "kekerasan": "Kekerasan dan perdagangan orang",
            "napza": "NAPZA",
            "warga_binaan": "Bekas warga binaan",
            "lainnya": "Rahasia karena alasan lain",
        },
    )
)
ALL: frozenset[str] = frozenset(COMPARTMENTS.versions[-1].codes)
OTHER = "lainnya"

_CHILDREN = ("anak_balita_telantar", "anak_telantar", "anak_jalanan", "anak_dengan_kedisabilitasan")
#: The compartments of each type, once it is strictly restricted: by itself, or because an assessor raised its tier.
OF_TYPE: dict[str, frozenset[str]] = {
    "anak_berhadapan_dengan_hukum": frozenset({"anak"}),
    "anak_korban_kekerasan": frozenset({"anak", "kekerasan"}),
    "anak_memerlukan_perlindungan_khusus": frozenset({"anak"}),
    "bekas_warga_binaan": frozenset({"warga_binaan"}),
    "orang_dengan_hiv": frozenset({"hiv"}),
    "korban_napza": frozenset({"napza"}),
    "korban_perdagangan_orang": frozenset({"kekerasan"}),
    "korban_tindak_kekerasan": frozenset({"kekerasan"}),
    "tuna_susila": frozenset({OTHER}),
    "kelompok_minoritas": frozenset({OTHER}),
    **dict.fromkeys(_CHILDREN, frozenset({"anak"})),
}


def of_type(type: str, subtypes: Iterable[str] = (), tier: int | None = None) -> frozenset[str]:
    """The compartments that a classification brings; none below the strict tier. ``tier`` may raise that of the type, it
    never lowers it: a mental disorder is of tier 2, and of its own compartment when the assessor raises it."""
    if max(ppks.tier_of(type), tier or 1) < ppks.STRICT_TIER:
        return frozenset()
    found = OF_TYPE.get(type, frozenset())
    if "mental" in subtypes:
        found |= {"gangguan_jiwa"}
    return found or frozenset({OTHER})
