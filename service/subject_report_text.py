"""A subject's report as text to read: plain Indonesian, in the order in which a person would ask."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from domain import ppks, spm
from domain.consent_codes import GIVERS, PURPOSES, WAYS
from domain.destinations import DESTINATIONS, NEEDS
from domain.subject_request_codes import KINDS
from projections.sentences.words import written

Row = Mapping[str, Any]
IDENTITY = {
    "name": "Nama",
    "alias": "Nama panggilan",
    "nik": "NIK",
    "kk": "Nomor KK",
    "sex": "Jenis kelamin",
    "birth_date": "Tanggal lahir",
    "birth_year": "Tahun lahir",
    "birth_place": "Tempat lahir",
    "mother": "Ibu (disamarkan)",
    "father": "Ayah (disamarkan)",
    "head": "Kepala keluarga (disamarkan)",
    "phone": "Telepon",
    "address": "Alamat",
    "description": "Ciri",
}


def told(document: Row) -> str:
    """The text of a document of `service.subject_report`."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Row) -> Iterator[str]:
    request = document["request"]
    yield "LAPORAN DATA PRIBADI"
    yield f"Permintaan {KINDS.label(request['kinds'] or '', request['kind'] or '').lower()}, nomor {request['key']}."
    yield f"Keadaan catatan sampai posisi {document['position']}. Nama orang lain disamarkan menjadi inisial."
    yield from _section(
        "SIAPA ANDA MENURUT CATATAN KAMI", (line for row in document["records"] for line in _record(row))
    )
    yield from _section("JENIS PPKS", (_type(row) for row in document["types"]))
    yield from _section("KEBUTUHAN YANG DITETAPKAN", (_need(row) for row in document["needs"]))
    yield from _section("PERSETUJUAN", (_consent(row) for row in document["consents"]))
    yield from _section("KASUS", (line for row in document["cases"] for line in _case(row)))
    yield from _section("RUJUKAN", (_referral(row) for row in document["referrals"]))
    yield from _section(
        "BENCANA", (f"Tercatat sebagai korban pada {written(row['recorded_on'])}." for row in document["disasters"])
    )
    yield from _section("BERKAS", (_file(row) for row in document["files"]))
    yield from _section("RIWAYAT", (line for row in document["history"] for line in _entry(row)))
    yield from _section("SIAPA YANG MEMPROSES DATA ANDA", (_processed(row) for row in document["processed_by"]))
    yield from _section("SIAPA YANG MEMBUKA DATA ANDA", (_reading(row) for row in document["read_by"]))
    yield from _section("HAK ANDA", _rights(request["kinds"]))


def _rights(version: str | None) -> Iterator[str]:
    """What she may ask for next, by the list of requests that hers names."""
    yield "Menurut UU 27/2022 Anda boleh meminta, di kantor atau kepada petugas:"
    known = next((one for one in KINDS.versions if one.version == version), KINDS.versions[0])
    yield from (f"- {label}" for label in known.codes.values())


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield title
    found = False
    for line in lines:
        found = True
        yield f"  {line}"
    if not found:
        yield "  Tidak ada."


def _record(row: Row) -> Iterator[str]:
    yield f"Catatan {row['key']}, desa/kelurahan {row.get('village', 'tidak diketahui')}:"
    identity = row.get("identity")
    if isinstance(identity, Mapping):
        for name, label in IDENTITY.items():
            if identity.get(name):
                # A number stays as it was written; only days are put into words.
                value = written(identity[name]) if name == "birth_date" else str(identity[name])
                yield f"  {label}: {value}"
    elif identity:
        yield f"  Identitas: {identity}"
    for name, label in (("address", "Alamat"), ("hamlet", "Dusun")):
        if row.get(name):
            yield f"  {label}: {row[name]}"
    if row.get("died_on"):
        yield f"  Meninggal: {written(row['died_on'])}"


def _until(row: Row, name: str = "until_on") -> str:
    return f" sampai {written(row[name])}" if row.get(name) else ""


def _type(row: Row) -> str:
    label = ppks.TYPES.label(row["types"], str(row.get("type", "")))
    return f"{label}, sejak {written(row.get('from_on'))}{_until(row)}."


def _need(row: Row) -> str:
    label = spm.SERVICES.label(row["spm"], str(row.get("service", "")))
    return f"Tahun {row['year']}: {label}."


def _consent(row: Row) -> str:
    purpose = PURPOSES.label(row["purposes"], str(row.get("purpose", ""))).lower()
    kind = DESTINATIONS.label(row.get("destinations", ""), str(row.get("recipient_kind", "")))
    named = f"{row['recipient']} ({kind})" if row.get("recipient") else kind
    to = f" kepada {named}" if named else ""
    who = GIVERS.label(row["givers"], str(row.get("giver", ""))).lower()
    how = WAYS.label(row["ways"], row["how"]).lower()
    ended = f" Ditarik {written(row['withdrawn_on'])}." if row.get("withdrawn_on") else ""
    return f"{written(row['given_on'])}: untuk {purpose}{to}{_until(row)}, oleh {who} ({how}).{ended}"


def _case(row: Row) -> Iterator[str]:
    ended = f", berakhir {written(row['terminated_on'])}" if row.get("terminated_on") else ", masih berjalan"
    yield f"Kasus {row['key']} dibuka {written(row['opened_on'])}{ended}."
    if row.get("story"):
        yield f"  Uraian: {row['story']}"


def _referral(row: Row) -> str:
    kind = DESTINATIONS.label(row["destinations"], str(row.get("destination_kind", "")))
    need = NEEDS.label(row["needs"], str(row.get("need", ""))).lower()
    return f"{written(row['submitted_on'])}: kepada {row.get('destination')} ({kind}) untuk {need}; {row['state']}."


def _file(row: Row) -> str:
    number = f" nomor {row['number']}" if row.get("number") else ""
    dated = f" tanggal {written(row['dated'])}" if row.get("dated") else ""
    return f"{row['kind']}{number}{dated}{', berkas ' + row['file'] if row.get('file') else ''}."


def _entry(row: Row) -> Iterator[str]:
    yield f"{written(row['on'])} (dicatat {row['recorded'][:10]} oleh {row['post'] or row['by']}): {row['sentence']}"
    if "originally" in row:
        yield f"  Semula: {row['originally']}"
    if "retracted" in row:
        yield "  Catatan ini sudah ditarik."


def _processed(row: Row) -> str:
    post = f", {row['post']}" if row["post"] else ""
    return f"{row['name']}{post}: {row['events']} catatan, {row['first'][:10]} sampai {row['last'][:10]}."


def _reading(row: Row) -> str:
    emergency = ", dalam keadaan darurat" if row.get("emergency") else ""
    post = f", {row['post']}" if row["post"] else ""
    return f"{row['recorded'][:10]}: {row['name']}{post} ({row['resource']}{emergency})."
