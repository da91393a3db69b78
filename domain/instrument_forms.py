"""The questionnaires themselves, as data: code, version, label, valid from, source, questions, bands.

Local drafts of the office, to be replaced by a new version when the office or the ministry decides one: no official
scored instrument was found. A question is (code, text, weight); an answer counts from 0, no concern, to 4, grave. A
band is (least points of 100, risk, days to the next review).
"""

from datetime import date

QuestionRow = tuple[str, str, int]
BandRow = tuple[int, str, int]
FormRow = tuple[str, str, str, date, str, tuple[QuestionRow, ...], tuple[BandRow, ...]]

_SOURCE = "Instrumen setempat Dinas Sosial"
_BANDS: tuple[BandRow, ...] = ((0, "rendah", 90), (30, "sedang", 30), (60, "tinggi", 14), (85, "darurat", 3))
_STRICTER: tuple[BandRow, ...] = ((0, "rendah", 60), (25, "sedang", 21), (50, "tinggi", 7), (80, "darurat", 2))

_BASIC: tuple[QuestionRow, ...] = (
    ("pangan", "Kebutuhan makan sehari-hari tidak terpenuhi", 3),
    ("tempat_tinggal", "Tempat tinggal tidak ada atau tidak layak", 3),
    ("kesehatan", "Keadaan kesehatan mengganggu kehidupan sehari-hari", 2),
    ("pendapatan", "Pendapatan tidak mencukupi", 2),
    ("dukungan", "Tidak ada keluarga atau tetangga yang membantu", 2),
)
_SAFETY: QuestionRow = ("keamanan", "Ada ancaman terhadap keselamatan", 4)
_PAPERS: QuestionRow = ("dokumen", "Dokumen kependudukan tidak ada", 1)

FORMS: tuple[FormRow, ...] = (
    ("umum", "1", "Asesmen umum", date(2019, 1, 1), _SOURCE, (*_BASIC, _PAPERS), _BANDS),
    ("umum", "2", "Asesmen umum", date(2023, 1, 1), _SOURCE, (*_BASIC, _SAFETY, _PAPERS), _BANDS),
    (
        "anak",
        "1",
        "Asesmen anak",
        date(2019, 1, 1),
        _SOURCE,
        (
            ("pengasuhan", "Tidak ada pengasuh yang mampu dan bersedia", 4),
            ("kekerasan", "Ada tanda kekerasan, penelantaran, atau eksploitasi", 5),
            ("gizi_kesehatan", "Gizi atau kesehatan buruk", 3),
            ("sekolah", "Tidak bersekolah atau sering tidak masuk", 2),
            ("tempat_tinggal", "Tinggal di jalan atau di tempat yang tidak aman", 3),
            _PAPERS,
        ),
        _STRICTER,
    ),
    (
        "lansia",
        "1",
        "Asesmen lanjut usia",
        date(2019, 1, 1),
        _SOURCE,
        (
            *_BASIC,
            ("kemandirian", "Tidak mampu makan, mandi, atau berpindah tanpa bantuan", 3),
            ("tinggal_sendiri", "Tinggal sendiri tanpa yang menjenguk", 3),
        ),
        _BANDS,
    ),
    (
        "disabilitas",
        "1",
        "Asesmen penyandang disabilitas",
        date(2019, 1, 1),
        _SOURCE,
        (
            *_BASIC,
            ("kemandirian", "Tidak mampu melakukan kegiatan sehari-hari tanpa bantuan", 3),
            ("alat_bantu", "Alat bantu yang dibutuhkan tidak ada", 2),
            ("pembatasan", "Dipasung, dikurung, atau ditolak lingkungan", 5),
        ),
        _BANDS,
    ),
    (
        "perlindungan",
        "1",
        "Asesmen perlindungan khusus",
        date(2019, 1, 1),
        _SOURCE,
        (
            ("bahaya", "Pelaku atau bahaya masih dekat", 5),
            ("luka", "Ada luka atau gangguan kesehatan yang perlu penanganan", 4),
            ("tekanan", "Ada tekanan jiwa atau pikiran mengakhiri hidup", 5),
            ("pendamping", "Tidak ada pendamping yang dipercaya", 3),
            ("ketergantungan", "Bergantung pada orang yang membahayakan", 3),
        ),
        _STRICTER,
    ),
    (
        "keluarga",
        "1",
        "Asesmen keluarga",
        date(2019, 1, 1),
        _SOURCE,
        (
            *_BASIC,
            ("hubungan", "Hubungan di dalam keluarga buruk", 2),
            ("kebutuhan_anak", "Kebutuhan anak terabaikan", 3),
        ),
        _BANDS,
    ),
    (
        "komunitas",
        "1",
        "Asesmen komunitas",
        date(2019, 1, 1),
        _SOURCE,
        (
            ("akses", "Sulit dijangkau dan jauh dari layanan dasar", 3),
            ("pangan", "Persediaan pangan tidak cukup", 3),
            ("air_sanitasi", "Air bersih dan sanitasi tidak ada", 2),
            ("layanan", "Anak tidak bersekolah, ibu dan bayi tidak dilayani", 3),
            ("konflik", "Ada pertentangan atau penolakan dari sekitar", 2),
        ),
        _BANDS,
    ),
)
