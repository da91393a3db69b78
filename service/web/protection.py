"""Data protection: what people ask of their data and how long is left, the archive schedule, and destructions."""

from datetime import datetime
from typing import Any

from flask import Response
from flask_babel import lazy_gettext as _

from domain.subject_request_codes import HANDED_OVER
from service import subject_report as reports
from service.api.retention import MOST_REVIEWED
from service.web import accounts, ask, territory, words
from service.web.frame import may, page, reach_of

HOUR = 3600
#: What whoever answers a request does with the record that it is about, of somebody whose page she may not open.
ABOUT_HER = {
    **dict.fromkeys(("correction", "withdrawal"), ("beneficiary.restrict_processing",)),
    "erasure": ("beneficiary.restrict_processing", "beneficiary.place_hold"),
}
SHOWN = 50


@page("/pelindungan", "protection.html", "subject_request.read", "destruction.read")
def protection() -> Any:
    """Requests with their clocks, the most pressing first; who is due by the archive schedule; destructions."""
    values: dict[str, Any] = {"requests": None, "done": [], "classes": None}
    if may("subject_request.read"):
        told = ask.get("/subject-requests", open="true", limit=500)
        running = [{**row, "left": left(row, told.body["clock"])} for row in told.data]
        values["requests"] = sorted(
            running, key=lambda row: (row["done_at"] is not None, row["left"], row["opened_at"])
        )
        values["done"] = ask.get("/subject-requests", open="false", limit=20).data
    if may("retention.read"):
        due, more = due_rows()
        values["waiting"] = bool(ask.get("/retention/held-documents", due="true").data)
        classes = ask.get("/retention/classes").data
        rules = {(one["code"], one["number"]): one for one in classes}
        values |= {"classes": classes, "due": due, "more": more, "shown": SHOWN}
        values["rules"] = [rules.get((row["code"], row["number"]), {}) for row in due[:SHOWN]]
    values["destructions"] = ask.get("/destructions").data
    values |= {"names": accounts.names(accounts.known(roles=False)), "unnamed": unnamed}
    return values


def left(row: dict[str, Any], clock: str) -> int:
    """The whole hours left until a request must be carried out, negative when that is past; while it is paused, as many
    as when it was paused."""
    until, now = (datetime.fromisoformat(text) for text in (row["due_at"], row["paused_at"] or clock))
    return int((until - now).total_seconds() // HOUR)


def due_rows() -> tuple[list[dict[str, Any]], bool]:
    """Those whose period is over, and whether there are others that were not looked at."""
    told = ask.get("/retention/due", due="true", limit=MOST_REVIEWED)
    return told.data, "next_cursor" in told.body


def unnamed(row: dict[str, Any]) -> str:
    """What says of a record which one it is, and not who: kind, village where it is told, and the end of its number, by
    which it is found again elsewhere."""
    place = f", {territory.name(row['village'])}" if row["village"] else ""
    kind = words.plainly(row["kind"]).capitalize() if row["kind"] else _("Warga")
    return f"{kind}{place} ({words.ending(row['id'])})"


@page("/pelindungan/surat", "held_documents.html", "retention.read")
def held_documents() -> Any:
    """The documents that a legal hold keeps though everything else of a person is destroyed, and those that it kept."""
    return {"rows": ask.get("/retention/held-documents").data}


@page("/pelindungan/permintaan/<id>", "subject_request.html", "subject_request.read")
def subject_request(id: str) -> Any:
    """One request: who asks for what, how long is left, and what comes next."""
    told = ask.get(f"/subject-requests/{id}")
    row = told.data
    if row["kind"] == "erasure" and row["state"] == "dikabulkan" and not row["destruction"]:
        row["destruction"] = _destruction_of(row)
    return {
        "row": row,
        "left": left(row, told.body["clock"]),
        "next": next_steps(row),
        "about_her": [
            (one, {"stream": row["subject"]}) for one in ABOUT_HER.get(row["kind"], ()) if not row["closed_on"]
        ],
        "names": accounts.names(accounts.known(roles=False)),
        "her_page": reach_of("beneficiary.read").includes(row["village"], "", "", restricted=row["restricted"]),
        "reports": row["confirmed_on"] and row["kind"] in HANDED_OVER,
    }


def _destruction_of(row: dict[str, Any]) -> str | None:
    """The proposal to destroy, of those since an erasure was granted, that names its person and was not refused."""
    for one in ask.get("/destructions").data:
        if one["proposed_on"] >= row["decided_on"] and one["state"] != "ditolak":
            told = ask.get(f"/destructions/{one['key']}").data
            if row["subject"] in {each["subject"] for each in told["subjects"]}:
                return str(one["key"])
    return None


def next_steps(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The commands that the state of a request allows, the likeliest first."""
    place = {"stream": row["id"]}

    def to(*names: str) -> list[tuple[Any, ...]]:
        return [(f"subject_request.{name}", place) for name in names]

    if row["state"] == "dibuka":
        clock = ["resume" if row["paused_at"] else "pause"]
        first = ["grant"] if row["confirmed_on"] else ["confirm_identity"]
        return to(*first, "refuse", *clock, "close")
    if row["state"] == "dikabulkan":
        if row["kind"] != "erasure":
            return to("fulfil", "close")
        if not row["destruction"]:
            return [("destruction.propose", {"subjects": row["subject"]}), *to("close")]
        done = ("subject_request.fulfil", {**place, "destruction": row["destruction"]}, _("Catat sudah dimusnahkan"))
        return [done, *to("close")]
    return to("close") if row["state"] in ("ditolak", "dipenuhi") else []


@page("/pelindungan/permintaan/<id>/laporan", "subject_report.html", "subject_request.report")
def subject_report(id: str) -> Any:
    """Everything the office holds about whoever asks, to be read before it is handed over."""
    told = ask.get(f"/subject-requests/{id}/report")
    counts = told.data["counts"]
    filled = {"stream": id, "sha256": told.data["sha256"], "entries": counts["entries"], "files": counts["files"]}
    request = told.data["request"]
    steps = [("subject_request.fulfil", filled)] if request["state"] == "dikabulkan" else []
    return {"id": id, "report": told.data, "next": steps, "version": request["version"]}


@page("/pelindungan/permintaan/<id>/laporan.txt", "", "subject_request.report")
def subject_report_text(id: str) -> Any:
    """The report as the file that is handed over, to be read without Wahana; put back to the position of the page that
    leads here it is the report which that page shows."""
    report = ask.get(f"/subject-requests/{id}/report").data
    return _file(
        f"{report['text']}\nSIDIK\nSHA-256 laporan ini sebagai data: {report['sha256']}\n", id, "txt", "text/plain"
    )


@page("/pelindungan/permintaan/<id>/laporan.json", "", "subject_request.report")
def subject_report_data(id: str) -> Any:
    """The same for machines: the file whose hash is recorded."""
    report = ask.get(f"/subject-requests/{id}/report").data
    return _file(reports.written(report["document"]), id, "json", "application/json")


def _file(content: str | bytes, id: str, ending: str, kind: str) -> Response:
    named = f"attachment; filename=laporan-data-{id[-6:]}.{ending}"
    return Response(content, content_type=f"{kind}; charset=utf-8", headers={"Content-Disposition": named})


@page("/pelindungan/pemusnahan/<id>", "destruction.html", "destruction.read")
def destruction(id: str) -> Any:
    """One destruction: what is to go, who agreed, its minutes, and once it was carried out its certificate."""
    row = ask.get(f"/destructions/{id}").data
    certificate = ask.get(f"/destructions/{id}/certificate").data if row["state"] == "selesai" else None
    place = {"stream": id}
    steps = {
        "diusulkan": [("destruction.approve", place), ("destruction.refuse", place)],
        "disetujui": [("destruction.record_minutes", place), ("destruction.refuse", place)],
        "berita_acara": [("destruction.refuse", place)],
    }
    return {
        "row": row,
        "certificate": certificate,
        "next": steps.get(row["state"], []),
        "names": accounts.names(accounts.known(roles=False)),
    }
