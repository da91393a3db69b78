"""SPM bidang sosial: the five services a kabupaten owes, what they consist of, and whom they are for.

Sources: PP 2/2018, Permensos 9/2018, Permendagri 59/2021. The services count outside institutions only; what happens
inside one is the province's. A need counts for a year, and the people served are always a part of the people in need.
"""

from datetime import date

from domain.codes import CodeHistory, CodeList
from domain.ppks import TYPE_DATA
from domain.refusals import Refused

VERSION = "ID-SPM-SOSIAL-2018"
_SOURCE = "PP 2/2018; Permensos 9/2018; Permendagri 59/2021"
_FROM = date(2019, 1, 1)

SERVICES = CodeHistory(
    CodeList(
        name="jenis pelayanan dasar SPM",
        version=VERSION,
        valid_from=_FROM,
        source=_SOURCE,
        codes={
            "a": "Rehabilitasi sosial dasar penyandang disabilitas telantar di luar panti sosial",
            "b": "Rehabilitasi sosial dasar anak telantar di luar panti sosial",
            "c": "Rehabilitasi sosial dasar lanjut usia telantar di luar panti sosial",
            "d": "Rehabilitasi sosial dasar tuna sosial, khususnya gelandangan dan pengemis, di luar panti sosial",
            "e": "Perlindungan dan jaminan sosial saat dan setelah tanggap darurat bencana",
        },
    )
)

ITEMS = CodeHistory(
    CodeList(
        name="layanan SPM",
        version=VERSION,
        valid_from=_FROM,
        source=_SOURCE,
        codes={
            "L01": "Layanan data dan pengaduan",
            "L02": "Layanan kedaruratan",
            "L03": "Permakanan",
            "L04": "Sandang",
            "L05": "Alat bantu",
            "L06": "Perbekalan kesehatan",
            "L07": "Bimbingan fisik, mental spiritual, dan sosial",
            "L08": "Bimbingan sosial kepada keluarga dan masyarakat",
            "L09": "Fasilitasi NIK, akta kelahiran, surat nikah, dan KIA",
            "L10": "Akses pendidikan dan kesehatan dasar",
            "L11": "Penelusuran keluarga",
            "L12": "Reunifikasi / reintegrasi sosial",
            "L13": "Rujukan",
            "E1": "Permakanan korban bencana",
            "E2": "Sandang korban bencana",
            "E3": "Tempat penampungan pengungsi",
            "E4": "Penanganan khusus kelompok rentan",
            "E5": "Dukungan psikososial",
        },
    )
)

#: Items whose wording no regulation we read confirms; the office says before they are reported.
UNCONFIRMED = frozenset({"L02", "E1", "E2", "E3", "E4", "E5"})

#: Permakanan is at most 7 days (Permensos 9/2018, stated for service d). More is flagged, not refused.
MOST_DAYS = {"L03": 7}

#: By service: must the person be assessed as neglected, and live outside an institution?
NEEDS_NEGLECT = frozenset({"a", "b", "c"})
OUTSIDE_ONLY = frozenset({"a", "b", "c", "d"})

#: Types whose own criteria say that the person is neglected.
NEGLECTED_BY_TYPE = frozenset({"anak_balita_telantar", "anak_telantar", "lanjut_usia_telantar"})


class ServiceNotForType(Refused):
    RULE = "spm_service_not_for_type"
    SENTENCE = "Layanan SPM “{service}” tidak diperuntukkan bagi jenis PPKS ini."


class ItemNotInService(Refused):
    RULE = "spm_item_not_in_service"
    SENTENCE = "Layanan {item} bukan bagian dari pelayanan SPM “{service}”."


class NeglectNotEstablished(Refused):
    RULE = "neglect_not_established"
    SENTENCE = "Layanan SPM ini untuk warga telantar; catat dahulu penilaian keterlantarannya."


class InsideInstitution(Refused):
    RULE = "inside_institution"
    SENTENCE = "Warga ini tercatat di dalam panti; layanan di dalam panti adalah urusan provinsi."


def check_need(
    service: str, items: tuple[str, ...], *, type: str, on: date, neglected: bool | None, inside: bool
) -> None:
    """Refuse a need that the rules of SPM do not know: for the caller that is about to seal it, and for the domain.

    ``type`` is the PPKS code of the classification it rests on. Raises `UnknownCode`, `ServiceNotForType`,
    `ItemNotInService`, `NeglectNotEstablished` or `InsideInstitution`.
    """
    SERVICES.on(on).check(service)
    known = ITEMS.on(on)
    for item in items:
        if known.check(item).startswith("E") != (service == "e"):
            raise ItemNotInService(item=item, service=service)
    if type in TYPE_DATA and service not in TYPE_DATA[type].spm:
        raise ServiceNotForType(service=service)
    if service in NEEDS_NEGLECT and type not in NEGLECTED_BY_TYPE and not neglected:
        raise NeglectNotEstablished
    if service in OUTSIDE_ONLY and inside:
        raise InsideInstitution
