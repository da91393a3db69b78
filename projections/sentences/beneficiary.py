"""Sentences about people, families and communities in need."""

from domain import nik, ppks, spm
from domain.beneficiary import CHANNELS, MATCHES, PAPERS
from domain.beneficiary_classification import END_REASONS
from domain.beneficiary_duplicate import GROUNDS
from domain.beneficiary_life import RELATIONS
from domain.beneficiary_need import NEGLECT_GROUNDS
from domain.beneficiary_restriction import RESTRICTIONS
from domain.consent_codes import GIVERS, PURPOSES, WAYS
from domain.destinations import DESTINATIONS
from projections.sentences.words import Told, joined


def _identity(told: Told) -> str:
    """The name within a sealed identity, or that it is sealed."""
    value = told.value("identity")
    if isinstance(value, dict):
        return str(value.get("name") or value.get("alias") or "tanpa nama")
    return told["identity"]


def _findings(told: Told) -> str:
    if not told.has("nik_findings"):
        return ""
    return f" Catatan atas nomornya: {told.label('nik_findings', nik.FINDINGS)}."


def _seen(told: Told) -> str:
    if not told.has("duplicates_seen"):
        return ""
    return f" Ada {told['duplicates_seen']} catatan yang mungkin sama.{told.tail('reason_to_go_on', 'Alasan lanjut')}"


def _registered(told: Told) -> str:
    kind = told.label("kind", ppks.KINDS).lower()
    more = " Alamat resminya di luar kabupaten." if told.has("residence_outside") else ""
    more += _seen(told)
    through = told.label("channel", CHANNELS, "channels")
    hamlet = told.also("hamlet", ", dusun {}")
    return f"{_identity(told)} didaftarkan sebagai PPKS ({kind}) lewat: {through}{hamlet}.{_findings(told)}{more}"


def _claimed(told: Told) -> str:
    papers = f" dengan {told.label('papers', PAPERS, 'papers_list')}" if told.has("papers") else ""
    return f"Identitas dicatat sebagai {_identity(told)}{papers}; belum dipadankan.{_findings(told)}{_seen(told)}"


def _matched(told: Told) -> str:
    return (
        f"NIK dipadankan dengan Dukcapil lewat {told.label('how', MATCHES, 'matches')}."
        f"{told.tail('reference', 'Rujukan')}"
    )


def _type(told: Told) -> str:
    subtypes = f" ({told.label('subtypes', ppks.SUBTYPES)})" if told.has("subtypes") else ""
    return f"{told.label('type', ppks.TYPES, 'types')}{subtypes}"


def _judged(told: Told) -> str:
    found = f" Di luar ketentuan: {told.label('findings', ppks.FINDINGS).lower()}." if told.has("findings") else ""
    return f"{found}{told.tail('override_reason', 'Alasan tetap dicatat')}{told.tail('criteria', 'Kriteria')}"


def _classified(told: Told) -> str:
    return f"Ditetapkan sebagai PPKS jenis {_type(told)}, tingkat kerahasiaan {told['tier']}.{_judged(told)}"


def _reclassified(told: Told) -> str:
    return (
        f"Jenis PPKS diganti menjadi {_type(told)}, tingkat kerahasiaan {told['tier']}."
        f"{told.tail('reason', 'Alasan')}{_judged(told)}"
    )


def _ended(told: Told) -> str:
    return f"Satu jenis PPKS berakhir: {told.label('reason', END_REASONS, 'reasons')}.{told.tail()}"


def _neglect(told: Told) -> str:
    found = "telantar" if told.value("neglected") else "tidak telantar"
    return f"Dinilai {found}, berdasarkan {told.label('how', NEGLECT_GROUNDS, 'grounds').lower()}.{told.tail()}"


def _need(told: Told) -> str:
    services = told.label("services", spm.ITEMS, "spm")
    return (
        f"Kebutuhan SPM tahun {told.value('year')} ditetapkan: {told.label('spm_service', spm.SERVICES, 'spm')}"
        f" (layanan: {services})."
    )


def _moved(told: Told) -> str:
    outside = " di luar kabupaten" if told.has("outside") else ""
    where = joined([told.also("address", "alamat {}"), told.also("hamlet", "dusun {}")])
    return f"Domisili pindah{outside} dari desa/kelurahan {told['moved_from']}{f' ke {where}' if where else ''}."


def _linked(told: Told) -> str:
    grounds = f" ({told.label('grounds', GROUNDS, 'grounds_list').lower()})" if told.has("grounds") else ""
    score = f", kemiripan {told['score']} dari 100" if told.has("score") else ""
    return (
        f"Catatan ini ditautkan sebagai ganda dari catatan {told['primary']}{grounds}{score}."
        f"{told.tail('reason', 'Alasan')}"
    )


def _decider(told: Told) -> str:
    """Who gave or withdrew a consent, and how."""
    guardian = told.also("guardian", ", yaitu {}")
    relation = f" ({told.label('relation', RELATIONS, 'relations').lower()})" if told.has("relation") else ""
    witness = told.also("witness", ", saksi {}")
    who = told.label("giver", GIVERS, "givers").lower()
    return f"oleh {who}{guardian}{relation}, dengan {told.label('how', WAYS, 'ways').lower()}{witness}"


def _consent_given(told: Told) -> str:
    kind = told.label("recipient_kind", DESTINATIONS, "destinations")
    named = f"{told['recipient']} ({kind})" if told.has("recipient") else kind
    to = f" kepada {named}" if kind else ""
    return (
        f"Persetujuan diberikan untuk {told.label('purpose', PURPOSES, 'purposes').lower()}{to}"
        f"{told.also('until', ' sampai {}')}, {_decider(told)}.{told.tail()}"
    )


def _restricted(told: Told) -> str:
    ground = told.label("ground", RESTRICTIONS, "restrictions").lower()
    return f"Pemrosesan data dibatasi: {ground}.{told.tail('reason', 'Alasan')}"


SENTENCES = {
    "beneficiary.registered": _registered,
    "beneficiary.identity_claimed": _claimed,
    "beneficiary.identity_matched": _matched,
    "beneficiary.ppks_classified": _classified,
    "beneficiary.ppks_reclassified": _reclassified,
    "beneficiary.ppks_ended": _ended,
    "beneficiary.neglect_assessed": _neglect,
    "beneficiary.institution_entered": lambda told: f"Mulai tinggal di dalam panti/lembaga {told['institution']}.",
    "beneficiary.institution_left": lambda told: f"Keluar dari panti/lembaga.{told.tail()}",
    "beneficiary.need_determined": _need,
    "beneficiary.domicile_moved": _moved,
    "beneficiary.moved_out": lambda told: f"Pindah keluar dari kabupaten{told.also('destination', ' ke {}')}.",
    "beneficiary.family_joined": lambda told: (
        f"Masuk keluarga {told['family']} sebagai {told.label('relation', RELATIONS, 'relations').lower()}."
    ),
    "beneficiary.family_left": lambda told: f"Keluar dari keluarga {told['family']}.{told.tail()}",
    "beneficiary.consent_given": _consent_given,
    "beneficiary.consent_withdrawn": lambda told: f"Persetujuan ditarik {_decider(told)}.{told.tail()}",
    "beneficiary.processing_restricted": _restricted,
    "beneficiary.restriction_lifted": lambda told: f"Pembatasan pemrosesan dicabut.{told.tail('reason', 'Alasan')}",
    "beneficiary.died": lambda told: f"Meninggal dunia.{told.tail()}",
    "beneficiary.linked_as_duplicate": _linked,
    "beneficiary.link_reversed": lambda told: (
        f"Tautan ganda dengan catatan {told['primary']} dibatalkan; kedua riwayat utuh kembali."
        f"{told.tail('reason', 'Alasan')}"
    ),
    "beneficiary.duplicate_acknowledged": lambda told: f"Catatan {told['duplicate']} diketahui orang yang sama.",
    "beneficiary.duplicate_released": lambda told: (
        f"Catatan {told['duplicate']} ternyata orang lain; tautannya dilepas."
    ),
    "beneficiary.hold_placed": lambda told: (
        f"Pemusnahan data warga ini ditahan untuk keperluan hukum.{told.tail('reason', 'Alasan')}"
    ),
    "beneficiary.hold_lifted": lambda told: f"Penahanan pemusnahan dicabut.{told.tail('reason', 'Alasan')}",
    "beneficiary.document_held": lambda told: (
        f"Pemusnahan satu surat ditahan untuk keperluan hukum; data lainnya tidak.{told.tail('reason', 'Alasan')}"
    ),
    "beneficiary.document_released": lambda told: (
        f"Penahanan pemusnahan satu surat dicabut.{told.tail('reason', 'Alasan')}"
    ),
    "subject.key_destroyed": lambda told: (
        f"Data warga ini dimusnahkan menurut keputusan {told['destruction'] or '-'}; "
        f"{len(told.data.get('keys') or ())} kunci dihapus."
    ),
}
