"""Sentences about WKSBM. A step whose paper is missing says so."""

from collections.abc import Callable

from domain import wksbm_codes as codes
from projections.sentences.words import Told, joined

#: The steps of a WKSBM by the topics of their events.
STEPS = {
    "wksbm.initiated": "perintisan",
    "wksbm.socialization_held": "sosialisasi",
    "wksbm.kps_identified": "identifikasi KPS",
    "wksbm.deliberation_held": "musyawarah",
    "wksbm.formed": "pembentukan",
    "wksbm.board_appointed": "penetapan pengurus",
    "wksbm.ratified": "pengesahan",
    "wksbm.registered_at_office": "pencatatan di Dinas Sosial",
    "wksbm.kps_joined": "bergabungnya KPS",
    "wksbm.kps_left": "keluarnya KPS",
    "wksbm.facility_provided": "penyerahan sarana",
    "wksbm.coaching_conducted": "pembinaan",
    "wksbm.activity_reported": "kegiatan",
    "wksbm.funds_raised": "dana terkumpul",
    "wksbm.funds_distributed": "penyaluran dana",
    "wksbm.assessed": "monev",
    "wksbm.board_term_ended": "berakhirnya masa bakti",
    "wksbm.found_dormant": "temuan tidak aktif",
    "wksbm.reactivated": "aktif kembali",
    "wksbm.dissolved": "pembubaran",
}


def step_name(topic: str) -> str:
    """A step's name in a sentence, from its topic."""
    return STEPS.get(topic, topic.rpartition(".")[2].replace("_", " "))


def _proof(told: Told) -> str:
    return " (dilaporkan, belum terbukti)" if told.has("unproven") else ""


def _step(tell: Callable[[Told], str], tail: str = "", lead: str = "Catatan") -> Callable[[Told], str]:
    def sentence(told: Told) -> str:
        return f"{tell(told)}{_proof(told)}.{told.tail(tail, lead) if tail else ''}"

    return sentence


def _board(told: Told) -> str:
    seats = joined(
        f"{codes.OFFICES.label(str(told.data.get('offices', '')), seat['office']).lower()} {seat['name']}"
        for seat in told.rows("members")
    )
    return f"Pengurus ditetapkan: {seats}, masa bakti {told['term_from']} sampai {told['term_until']}"


def _ratified(told: Told) -> str:
    post = told.label("signatory_post", codes.SIGNATORIES, "signatories").lower()
    unusual = ", jabatan yang tidak lazim menandatangani" if told.has("signatory_unusual") else ""
    return (
        f"WKSBM disahkan dengan SK nomor {told['number']} tanggal {told['dated']} oleh {told['signatory']} "
        f"({post}{unusual}), berlaku sampai {told['term_until']}"
    )


def _facility(told: Told) -> str:
    kind = told.label("kind", codes.FACILITIES, "kinds").lower()
    value = f" senilai {told.rupiah('value')}" if told.has("value") else ""
    origin = told.label("origin", codes.ORIGINS, "origins").lower()
    return f"Sarana diserahkan: {told['quantity']} {kind}{value}, dari {origin}"


def _coaching(told: Told) -> str:
    kind = told.label("kind", codes.COACHING, "kinds")
    return (
        f"{kind} dilaksanakan{told.also('organizer', ' oleh {}')}{told.also('participants', ', diikuti {} orang')}"
        f"{', bersama WKSBM lain' if told.has('session') else ''}"
    )


def _activity(told: Told) -> str:
    kind = told.label("kind", codes.ACTIVITIES, "kinds").lower()
    return (
        f"Kegiatan dilaporkan: {kind}{told.also('participants', ', diikuti {} orang')}"
        f"{told.also('beneficiaries', ', untuk {} penerima manfaat')}"
    )


def _distributed(told: Told) -> str:
    purpose = told.label("purpose", codes.PURPOSES, "purposes").lower()
    receivers = told.also("beneficiaries", " kepada {} penerima")
    return f"Dana {told.rupiah('amount')} disalurkan untuk {purpose}{receivers}"


def _assessed(told: Told) -> str:
    level = told.label("level", codes.SCALE, "scale")
    return f"Hasil monev: {level}{told.also('score', ' dengan nilai {}')}"


def _evidence(told: Told) -> str:
    step = step_name(str(told.data.get("step", "")))
    proven = "langkah itu kini terbukti" if told.has("proven") else "langkah itu belum terbukti"
    return f"Bukti untuk {step} (catatan nomor {told['target']}) dilengkapi; {proven}."


SENTENCES = {
    "wksbm.initiated": _step(lambda told: f"{told['name']} dirintis{told.also('hamlet', ' di {}')}"),
    "wksbm.socialization_held": _step(
        lambda told: (
            f"Sosialisasi dilaksanakan{told.also('attendance', ', dihadiri {} orang')}"
            f"{', bersama WKSBM lain' if told.has('session') else ''}"
        ),
        "minutes",
        "Notulen",
    ),
    "wksbm.kps_identified": _step(lambda told: f"Ditemukan {told['found']} KPS di wilayah ini"),
    "wksbm.deliberation_held": _step(
        lambda told: (
            f"Musyawarah dilaksanakan{told.also('attendance', ', dihadiri {} orang') or ', jumlah hadir tidak diketahui'}"
        ),
        "minutes",
        "Notulen",
    ),
    "wksbm.formed": _step(lambda told: f"WKSBM dibentuk{told.also('legal_basis', ' berdasarkan {}')}"),
    "wksbm.board_appointed": _step(_board),
    "wksbm.board_term_ended": _step(lambda told: "Masa bakti pengurus berakhir"),
    "wksbm.ratified": _step(_ratified),
    "wksbm.registered_at_office": _step(
        lambda told: (
            f"WKSBM dicatat di Dinas Sosial{told.also('register_number', ' dengan nomor {}')}"
            f"{told.also('members', ', {} anggota')}"
        )
    ),
    "wksbm.kps_joined": _step(lambda told: "Satu KPS bergabung"),
    "wksbm.kps_left": _step(lambda told: "Satu KPS keluar"),
    "wksbm.facility_provided": _step(_facility, "note"),
    "wksbm.coaching_conducted": _step(_coaching, "note"),
    "wksbm.activity_reported": _step(_activity, "description", "Uraian"),
    "wksbm.funds_raised": _step(
        lambda told: (
            f"Dana {told.rupiah('amount')} terkumpul dari {told.label('origin', codes.ORIGINS, 'origins').lower()}"
        ),
        "note",
    ),
    "wksbm.funds_distributed": _step(_distributed, "note"),
    "wksbm.assessed": _step(_assessed, "recommendation", "Rekomendasi"),
    "wksbm.found_dormant": _step(
        lambda told: f"WKSBM ditemukan tidak aktif: {told.label('signals', codes.SIGNALS, 'signal_list').lower()}",
        "note",
    ),
    "wksbm.reactivated": _step(lambda told: "WKSBM aktif kembali", "note"),
    "wksbm.dissolved": _step(
        lambda told: f"WKSBM dibubarkan: {told.label('reason', codes.DISSOLUTIONS, 'reasons').lower()}", "note"
    ),
    "wksbm.evidence_provided": _evidence,
}
