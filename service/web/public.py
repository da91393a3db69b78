"""The pages that everybody may open: coverage with safe counts, the step of a referral by its ticket number, and the check
of a receipt. They ask nobody who she is, set no cookie and tell nothing of people."""

import csv
import io
from typing import Any

from flask import Response, current_app, make_response, render_template, request
from flask_babel import lazy_gettext as _

from service import outlines
from service.api import guard, public, tickets
from service.api.current import office
from service.identity import LockedOut
from service.web import moment, tiles
from service.web.frame import blueprint
from service.web.referrals import STATES

OPEN = frozenset({"pages.outline_drawing", "pages.public_board", "pages.public_data"})
OPEN |= {"pages.public_referral", "pages.public_receipt"}
SECONDS = 300
LONGEST_RECEIPT = 20_000


@blueprint.route("/peta.svg")
def outline_drawing() -> Any:
    """The outlines of the villages that every map refers to; what their names and colours are, the page says."""
    version, drawing = outlines.drawing(office().database)
    kept = (
        "public, max-age=31536000, immutable" if version and request.args.get("v") == version else "public, max-age=60"
    )
    return Response(drawing, content_type="image/svg+xml", headers={"Cache-Control": kept})


@blueprint.route("/publik")
def public_board() -> Any:
    """Coverage as a map and a table, and the latest checkpoint. May be kept for some minutes, by a proxy too."""
    current_app.extensions["gate"].pass_through()
    told = public.board()
    values = {**told, "until": moment.last_day(told["as_of"]), "map": tiles.drawn(told["rows"], told["rows"])}
    values |= {"checkpoint": public.checkpoint(), "meanings": public.meanings()}
    response = make_response(render_template("public.html", **values))
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    response.vary.add("Cookie")  # of the language
    return response


COLUMNS = ("kode", "desa_kelurahan", "kode_kecamatan", "kecamatan", "tahap_wksbm", "warga_tercatat", "sampai")


@blueprint.route("/publik/desa.csv")
def public_data() -> Any:
    """The table of villages as a file for planners (CSV, RFC 4180): stages, and counts in which nobody can be recognised,
    empty where they are suppressed; ``sampai`` is the last day they speak of."""
    current_app.extensions["gate"].pass_through()
    told = public.board()
    until = moment.last_day(told["as_of"])
    file = io.StringIO()
    lines = csv.writer(file)
    lines.writerow(COLUMNS)
    for row in told["rows"]:
        stated = (row["code"], row["name"], row["kecamatan"], row["kecamatan_name"], row["stage"])
        lines.writerow((*stated, "" if row["people"] is None else row["people"], until.isoformat()))
    named = f"attachment; filename=wksbm-{until.isoformat()}.csv"
    headers = {"Content-Disposition": named, "Cache-Control": f"public, max-age={SECONDS}"}
    return Response(file.getvalue(), content_type="text/csv; charset=utf-8; header=present", headers=headers)


@blueprint.route("/publik/rujukan", methods=["GET", "POST"])
def public_referral() -> Any:
    """The step that a referral has reached, for whoever holds its ticket number. Sent as a form: an address is kept in logs
    and in the memory of browsers."""
    current_app.extensions["gate"].pass_through()
    problem: Any = ""
    state, status = None, 200
    if request.method == "POST":
        try:
            state = tickets.state_of(guard.clean(request.form.get("tiket", "")[:40]), request.remote_addr or "")
            problem = "" if state else _("Nomor ini tidak dikenal, atau tidak ada yang dapat ditampilkan untuknya.")
            status = 200 if state else 404
        except tickets.Mistyped:
            problem, status = _("Nomor tiket salah ketik. Periksa lagi 16 huruf dan angkanya di surat."), 422
        except LockedOut as error:
            wait = _("Terlalu banyak nomor yang salah. Coba lagi %(n)s detik lagi.", n=error.retry_after)
            page = render_template("public_referral.html", state="", problem=wait, states=STATES)
            return page, 429, {"Retry-After": str(error.retry_after)}
    return render_template("public_referral.html", state=state, problem=problem, states=STATES), status


@blueprint.route("/publik/tanda-terima", methods=["GET", "POST"])
def public_receipt() -> Any:
    """Whether a receipt is the office's, and whether the log still holds what it says; and how to check without us."""
    current_app.extensions["gate"].pass_through()
    text = request.form.get("teks", "")
    if len(text) > LONGEST_RECEIPT:
        text = ""
    asked = request.method == "POST"
    found = public.checked(guard.clean(text)) if asked else None
    values = {"asked": asked, "found": found, "text": text, "checkpoint": public.checkpoint()}
    return render_template("public_receipt.html", **values), 422 if asked and found is None else 200
