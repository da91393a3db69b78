"""The lists about consent: for what, by whom and how it is given, and on which other ground of the law somebody strictly
restricted may be referred without it."""

from datetime import date

from domain.codes import CodeHistory, CodeList

_FROM = date(2019, 7, 1)

PURPOSES = CodeHistory(
    CodeList(
        name="tujuan persetujuan",
        version="ID-TUJUAN-PERSETUJUAN-2019",
        valid_from=_FROM,
        source="Daftar setempat; persetujuan diberikan untuk tujuan tertentu (UU 27/2022 pasal 20 ayat 2 huruf a)",
        codes={
            "layanan": "Pelayanan dan pendampingan oleh Dinas Sosial",
            "rujukan": "Rujukan kepada lembaga lain",
            "berbagi_data": "Berbagi data dengan lembaga lain",
            "dokumentasi_foto": "Dokumentasi foto",
        },
    )
)
#: Purposes that tell somebody outside the office: they name to whom.
OUTWARD = frozenset({"rujukan", "berbagi_data"})

GIVERS = CodeHistory(
    CodeList(
        name="pemberi persetujuan",
        version="ID-PEMBERI-PERSETUJUAN-2019",
        valid_from=_FROM,
        source="UU 27/2022 pasal 25 (anak: orang tua atau wali) dan pasal 26 (penyandang disabilitas: wali)",
        codes={
            "yang_bersangkutan": "Yang bersangkutan",
            "orang_tua": "Orang tua",
            "wali": "Wali",
            "pengampu": "Pengampu atau wali bagi yang tidak dapat memutuskan",
        },
    )
)

WAYS = CodeHistory(
    CodeList(
        name="cara persetujuan",
        version="ID-CARA-PERSETUJUAN-2019",
        valid_from=_FROM,
        source="Tertulis atau terekam (UU 27/2022 pasal 22 ayat 1); cap jempol dan saksi menurut praktik lapangan",
        codes={
            "tanda_tangan": "Tanda tangan",
            "cap_jempol": "Cap jempol",
            "lisan_saksi": "Lisan di hadapan saksi",
        },
    )
)

LEGAL_BASES = CodeHistory(
    CodeList(
        name="dasar hukum tanpa persetujuan",
        version="ID-DASAR-PEMROSESAN-2022",
        valid_from=date(2022, 10, 17),
        source="UU 27/2022 pasal 20 ayat (2) huruf c dan d",
        codes={
            "kewajiban_hukum": "Kewajiban hukum (pasal 20 ayat 2 huruf c)",
            "kepentingan_vital": "Pelindungan kepentingan vital (pasal 20 ayat 2 huruf d)",
        },
    )
)
#: The only one that leads to a health service without consent.
VITAL = "kepentingan_vital"
