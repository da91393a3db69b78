"""A subject's report as text to read: plain Indonesian, in the order in which a person would ask."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from domain import ppks, spm
from domain.consent_codes import GIVERS, PURPOSES, WAYS
from domain.destinations import DESTINATIONS, NEEDS
from domain.subject_request_codes import KINDS
from projections.sentences.words import number, written
from service.log.ids import is_id
from service.subject_report_words import Words

Row = Mapping[str, Any]
Sentences = tuple[str, str | None]  # what happened, and what had been recorded first
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


def told(document: Row, history: Sequence[Sentences], words: Words) -> str:
    """The text of a document of `service.subject_report`; ``history`` are the sentences of its history, in its order."""
    with words.kept():
        return "\n".join(_lines(document, history, words)) + "\n"


def _lines(document: Row, history: Sequence[Sentences], words: Words) -> Iterator[str]:
    request = document["request"]
    yield "LAPORAN DATA PRIBADI"
    kind = KINDS.label(request["kinds"] or "", request["kind"] or "").lower()
    yield f"Permintaan {kind}, nomor {words.record(request['key'] or '')}."
    yield f"Keadaan catatan sampai posisi {number(document['position'])}. Nama orang lain disamarkan menjadi inisial."
    yield from _section(
        "SIAPA ANDA MENURUT CATATAN KAMI", (line for row in document["records"] for line in _record(row, words))
    )
    yield from _section("JENIS PPKS", (_type(row) for row in document["types"]))
    yield from _section("KEBUTUHAN YANG DITETAPKAN", (_need(row) for row in document["needs"]))
    yield from _section("PERSETUJUAN", (_consent(row) for row in document["consents"]))
    yield from _section("KASUS", (line for row in document["cases"] for line in _case(row, words)))
    yield from _section("RUJUKAN", (_referral(row, words) for row in document["referrals"]))
    yield from _section(
        "BENCANA", (f"Tercatat sebagai korban pada {written(row['recorded_on'])}." for row in document["disasters"])
    )
    yield from _section("BERKAS", (_file(row, words) for row in document["files"]))
    yield from _section("RIWAYAT", _history(document, history, words))
    yield from _section("SIAPA YANG MEMPROSES DATA ANDA", (_processed(row, words) for row in document["processed_by"]))
    yield from _section("SIAPA YANG MEMBUKA DATA ANDA", (_reading(row, words) for row in document["read_by"]))
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


def _record(row: Row, words: Words) -> Iterator[str]:
    yield f"Catatan {words.record(row['key'])}, desa/kelurahan {words.place(row.get('village'))}:"
    identity = row.get("identity")
    if isinstance(identity, Mapping):
        for name, label in IDENTITY.items():
            if identity.get(name):
                yield f"  {label}: {_identity(name, identity[name], words)}"
    elif identity:
        yield f"  Identitas: {identity}"
    for name, label in (("address", "Alamat"), ("hamlet", "Dusun")):
        if row.get(name):
            yield f"  {label}: {row[name]}"
    if row.get("died_on"):
        yield f"  Meninggal: {written(row['died_on'])}"


def _identity(name: str, value: Any, words: Words) -> str:
    # A number stays as it was written; only days and codes are put into words.
    return written(value) if name == "birth_date" else words.code(value) if name == "sex" else str(value)


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


def _case(row: Row, words: Words) -> Iterator[str]:
    ended = f", berakhir {written(row['terminated_on'])}" if row.get("terminated_on") else ", masih berjalan"
    yield f"Kasus {words.record(row['key'])} dibuka {written(row['opened_on'])}{ended}."
    if row.get("story"):
        yield f"  Uraian: {row['story']}"


def _referral(row: Row, words: Words) -> str:
    kind = DESTINATIONS.label(row["destinations"], str(row.get("destination_kind", "")))
    need = NEEDS.label(row["needs"], str(row.get("need", ""))).lower()
    to = f"kepada {row.get('destination')} ({kind}) untuk {need}"
    return f"{written(row['submitted_on'])}: {to}; keadaan: {words.state(row['state'])}."


def _file(row: Row, words: Words) -> str:
    numbered = f" nomor {row['number']}" if row.get("number") else ""
    dated = f" tanggal {written(row['dated'])}" if row.get("dated") else ""
    file = f", berkas {words.record(row['file'])}" if row.get("file") else ""
    return f"{words.code(row['kind'])}{numbered}{dated}{file}."


def _history(document: Row, history: Sequence[Sentences], words: Words) -> Iterator[str]:
    names = {row["by"]: _name(row, words) for row in document["processed_by"]}
    for row, (now, then) in zip(document["history"], history, strict=True):
        by = row["post"] or names[row["by"]]
        yield f"{written(row['on'])} (dicatat {words.day(row['recorded'])} oleh {by}): {now}"
        if then is not None:
            yield f"  Semula: {then}"
        if "retracted" in row:
            yield "  Catatan ini sudah ditarik."


def _name(row: Row, words: Words) -> str:
    """Whoever did it; of an account that is not known any more, the end of its number."""
    return f"akun {words.record(row['name'])}" if is_id(row["name"]) else str(row["name"])


def _processed(row: Row, words: Words) -> str:
    post = f", {row['post']}" if row["post"] else ""
    first, last = words.day(row["first"]), words.day(row["last"])
    return f"{_name(row, words)}{post}: {number(row['events'])} catatan, {first} sampai {last}."


def _reading(row: Row, words: Words) -> str:
    emergency = ", dalam keadaan darurat" if row.get("emergency") else ""
    post = f", {row['post']}" if row["post"] else ""
    what = words.opened(row["resource"])
    return f"{words.day(row['recorded'])}: {_name(row, words)}{post} ({what}{emergency})."
