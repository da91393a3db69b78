"""What happened on a case, in one Indonesian sentence each."""

from domain import case_codes as codes
from projections.sentences import words
from projections.sentences.words import Told


def _opened(told: Told) -> str:
    who = "tanpa nama pelapor" if told.has("anonymous") else ""
    return (
        f"Kasus {told.label('subject_kind', codes.SUBJECT_KINDS).lower()} dibuka lewat "
        f"{told.label('channel', codes.CHANNELS, 'channels')}, kegentingan "
        f"{told.label('urgency', codes.URGENCIES, 'urgencies').lower()}{f', {who}' if who else ''}."
        f"{told.tail('story', 'Uraian')}{told.tail('reporter', 'Pelapor')}"
    )


def _quantity(told: Told) -> str:
    worth = f" senilai {told.rupiah('value_rupiah')}" if told.has("value_rupiah") else ""
    return f"{told['quantity']} {told.label('unit', codes.UNITS, 'units')}{worth}"


def _aid(told: Told) -> str:
    return (
        f"Bantuan darurat diberikan: {told.label('item', codes.AIDS, 'items')}, {_quantity(told)}"
        f"{told.also('provider', ', dari {}')}{told.also('recipient', ', diterima oleh {}')}.{told.tail()}"
    )


def _service(told: Told) -> str:
    item = f" berupa {told.label('item', codes.AIDS, 'items')}" if told.has("item") else ""
    fee = f" Peringatan: ada pungutan {told.rupiah('fee_rupiah')}." if told.has("fee_rupiah") else ""
    return (
        f"Layanan “{told.label('kind', codes.SERVICES, 'kinds')}”{item} diberikan, {_quantity(told)}"
        f"{told.also('provider', ', oleh {}')}{told.also('recipient', ', diterima oleh {}')}.{fee}"
        f"{told.tail('exception', 'Pengecualian tanpa rencana')}{told.tail()}"
    )


def _assessed(told: Told) -> str:
    risk = told.label("risk", codes.RISKS, "risks").lower()
    return (
        f"Asesmen dengan instrumen “{told['instrument']}” versi {told['instrument_version']}: nilai {told['score']} "
        f"dari 100, risiko {risk}, tinjauan berikutnya dalam {told['review_days']} hari."
        f"{told.tail('narrative', 'Uraian')}{_beside(told)}"
    )


def _beside(told: Told) -> str:
    return " Jawaban petugas lain tentang risiko tetap berlaku di sampingnya." if told.has("beside") else ""


def _risk_changed(told: Told) -> str:
    risk = told.label("risk", codes.RISKS, "risks").lower()
    return f"Tingkat risiko diubah menjadi {risk}.{told.tail('reason', 'Alasan')}{_beside(told)}"


def _risk_settled(told: Told) -> str:
    risk = told.label("risk", codes.RISKS, "risks").lower()
    return f"Dua jawaban tentang risiko diputuskan: risiko {risk}.{told.tail('reason', 'Alasan')}"


def _task_changed(told: Told) -> str:
    said = [told.also("title", "isinya menjadi “{}”"), told.also("due", "tenggatnya menjadi {}")]
    said += ["penanggung jawabnya diganti"] if told.has("owner") else []
    return f"Satu tugas diubah{': ' if any(said) else ''}{words.joined(said)}."


def _conference(told: Told) -> str:
    decisions = words.joined(f"{row['title']} (sampai {row['due']})" for row in told.rows("decisions"))
    agreed = f" Keputusan: {decisions}." if decisions else ""
    return f"Pembahasan kasus dihadiri {told['attendees']} orang.{agreed}{told.tail('minutes', 'Notulen')}"


def _plan(told: Told) -> str:
    version = str(told.data.get("services", ""))
    rows = told.rows("goals")
    kinds = [codes.SERVICES.label(version, row["kind"]) for row in rows]
    goals = words.joined(f"{row['title']} ({kind})" for row, kind in zip(rows, kinds, strict=True))
    return f"Rencana intervensi nomor {told['number']} diusulkan dengan {len(rows)} tujuan: {goals}.{told.tail()}"


def _visit_done(told: Told) -> str:
    met = "yang bersangkutan ditemui" if told.has("met") else "yang bersangkutan tidak ditemui"
    return f"Kunjungan terlaksana, {met}{told.also('minutes', ', selama {} menit')}.{told.tail()}"


def _visit_missed(told: Told) -> str:
    reason = told.label("reason", codes.MISSED_VISITS, "reasons")
    return f"Kunjungan tidak terlaksana: {reason}.{told.tail()}"


def _reviewed(told: Told) -> str:
    reached = told.data.get("goals_reached") or ()
    goals = f", {len(reached)} tujuan tercapai" if reached else ""
    progress = told.label("progress", dict(codes.PROGRESS.versions[-1].codes)).lower()
    return f"Perkembangan ditinjau: {progress}{goals}.{told.tail()}"


def _terminated(told: Told) -> str:
    reason = told.label("reason", codes.TERMINATIONS, "reasons")
    outcome = told.label("outcome", codes.OUTCOMES, "outcomes").lower()
    approved = " dengan persetujuan supervisor" if told.has("approved_by") else ""
    return f"Kasus diakhiri{approved}. Alasan: {reason}; hasil: {outcome}.{told.tail()}"


def _closure_requested(told: Told) -> str:
    reason = told.label("reason", codes.TERMINATIONS, "reasons")
    outcome = told.label("outcome", codes.OUTCOMES, "outcomes").lower()
    return f"Pengakhiran kasus diminta. Alasan: {reason}; hasil: {outcome}.{told.tail()}"


def _aftercare(told: Told) -> str:
    condition = told.label("condition", dict(codes.PROGRESS.versions[-1].codes)).lower()
    return f"Bimbingan lanjut dilakukan; keadaan {condition}.{told.tail()}"


def _settled(told: Told) -> str:
    return f"Rujukan kasus ini berakhir: {told['state'].replace('_', ' ')}."


SENTENCES = {
    "case.opened": _opened,
    "case.tier_raised": lambda told: f"Tingkat kerahasiaan kasus dinaikkan menjadi {told['tier']}.",
    "case.referral_opened": "Rujukan dibuat untuk kasus ini.",
    "case.referral_settled": _settled,
    "case.closure_requested": _closure_requested,
    "case.closure_returned": lambda told: (
        f"Permintaan mengakhiri kasus dikembalikan; kasus berlanjut.{told.tail('reason', 'Alasan')}"
    ),
    "case.terminated": _terminated,
    "case.aftercare_visited": _aftercare,
    "case.reopened": lambda told: f"Kasus dibuka kembali.{told.tail('reason', 'Alasan')}",
    "case.assessed": _assessed,
    "case.assessment_approved": lambda told: f"Asesmen disetujui.{told.tail()}",
    "case.assessment_returned": lambda told: f"Asesmen dikembalikan untuk dibuat ulang.{told.tail('reason', 'Alasan')}",
    "case.risk_changed": _risk_changed,
    "case.risk_settled": _risk_settled,
    "case.progress_reviewed": _reviewed,
    "case.conference_held": _conference,
    "case.plan_proposed": _plan,
    "case.plan_approved": lambda told: f"Rencana intervensi nomor {told['number']} disetujui.{told.tail()}",
    "case.plan_returned": lambda told: (
        f"Rencana intervensi nomor {told['number']} dikembalikan untuk diperbaiki.{told.tail('reason', 'Alasan')}"
    ),
    "case.emergency_aid_given": _aid,
    "case.service_delivered": _service,
    "case.visit_planned": lambda told: f"Kunjungan direncanakan pada {told['planned_for']}.{told.tail()}",
    "case.visit_done": _visit_done,
    "case.visit_missed": _visit_missed,
    "case.task_given": lambda told: f"Tugas diberikan: {told['title'].rstrip('.')}, sampai {told['due']}.",
    "case.task_changed": _task_changed,
    "case.task_done": lambda told: f"Satu tugas diselesaikan.{told.tail()}",
    "case.task_dropped": lambda told: f"Satu tugas dibatalkan.{told.tail('reason', 'Alasan')}",
    "case.assigned": lambda told: f"Kasus ditugaskan kepada seorang petugas.{told.tail()}",
    "case.transfer_requested": lambda told: (
        f"Pengalihan kasus kepada petugas lain diminta.{told.tail('reason', 'Alasan')}"
    ),
    "case.transferred": lambda told: f"Kasus dialihkan kepada petugas lain.{told.tail()}",
    "case.transfer_declined": lambda told: (
        f"Permintaan pengalihan kasus tidak diteruskan.{told.tail('reason', 'Alasan')}"
    ),
}
