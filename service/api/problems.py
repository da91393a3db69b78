"""Errors as RFC 9457 problem documents, the same shape from every route."""

import logging
from http import HTTPStatus
from threading import Lock
from typing import Any

import flask_smorest
import marshmallow as ma
from flask import Flask, Response, current_app, g, json, request
from werkzeug.exceptions import HTTPException

from domain.refusals import NotFound, Refused, UnknownCode
from domain.subject import SubjectClosed
from domain.villages import NotAVillageCode
from projections.engine import LogReplaced, NoSuchPosition, ViewsNotReady
from projections.source import NewerEvent, Unreadable
from projections.store import StoreUnavailable
from service.casebook import StaleBase, TooBusy
from service.log.compaction import NotCompacted
from service.log.entries import LogUnavailable
from service.log.keys import KeyUnreadable
from service.log.notes import BadNote
from service.log.shred_list import ShredListDamaged
from service.restored import DestroyedCameBack

SENTENCES = {
    400: "Permintaan ini tidak dapat dibaca.",
    401: "Masuk dulu untuk melihat ini.",
    404: "Alamat ini tidak ada.",
    405: "Alamat ini tidak menerima cara itu.",
    413: "Kiriman terlalu besar.",
    415: "Kirim sebagai application/json.",
    422: "Isian tidak sah.",
    429: "Terlalu sering; tunggu sebentar.",
    500: "Terjadi kesalahan di peladen; tidak ada yang dicatat dari perintah ini.",
}
#: Rules that the routes answer themselves: their status and usual sentence.
RULES = {
    "cosignature_refused": (409, "Tanda tangan saksi ini tidak diterima."),
    "cross_site": (403, "Permintaan ini tidak berasal dari halaman Wahana."),
    "current_password_wrong": (403, "Kata sandi yang sekarang tidak cocok."),
    "device_revoked": (401, "Perangkat ini sudah dicabut; yang tersimpan di dalamnya tidak diterima lagi."),
    "device_unknown": (
        403,
        "Kantor tidak mengenal perangkat atau akun ini sekarang; entri tetap disimpan di perangkat.",
    ),
    "locked_out": (429, "Terlalu banyak percobaan; tunggu sebentar."),
    "log_damaged": (500, "Catatan di basis data rusak atau diubah; beri tahu pengelola sistem."),
    "media_type": (415, "Jenis berkas ini tidak diterima."),
    "not_allowed": (403, "Anda tidak berwenang melakukan ini."),
    "not_signed_in": (401, "Masuk dulu untuk melihat ini."),
    "reading_not_recorded": (503, "Pembacaan ini tidak dapat dicatat, maka datanya tidak ditampilkan; coba lagi."),
    "provider_refused": (401, "Penyedia identitas tidak menyebut akun yang tertaut di sini."),
    "reset_refused": (401, "Nama masuk atau kode ini salah, sudah dipakai, atau kedaluwarsa."),
    "second_factor_missing": (403, "Peran Anda mewajibkan faktor kedua; pasang dahulu aplikasi autentikator."),
    "second_factor_needed": (401, "Masukkan juga kode dari aplikasi autentikator Anda."),
    "second_factor_refused": (401, "Kode ini tidak cocok atau sudah pernah dipakai."),
    "session_needed": (403, "Masuk dengan kata sandi untuk ini; token tidak cukup."),
    "sign_in_refused": (401, "Nama masuk atau kata sandi salah."),
    "village_outside_area": (
        403,
        "Desa/kelurahan yang dipilih di luar wilayah tugas Anda, maka ini tidak dicatat. Pilih desa/kelurahan di wilayah "
        "Anda; untuk desa lain, mintalah petugas desa itu mencatatnya.",
    ),
}
log = logging.getLogger(__name__)


class ProblemSchema(ma.Schema):
    """RFC 9457. ``rule`` names the rule of a refusal; ``errors`` names the fields of a body that were not accepted."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String()
    rule = ma.fields.String()
    errors = ma.fields.Dict()
    instance = ma.fields.String()


def problem(
    status: int, *, detail: str | None = None, rule: str | None = None, errors: Any = None, headers: Any = None
) -> Response:
    """A problem response. ``detail`` is for people and must hold no personal data."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if rule:
        body |= {"type": f"/docs/rules#{rule}", "rule": rule}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    if "request_id" in g:
        body["instance"] = f"urn:uuid:{g.request_id}"
    text = json.dumps(body, separators=(",", ":"))
    response = Response(text, status, content_type="application/problem+json")
    for name, value in headers or ():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def refusal_status(kind: type[Refused]) -> int:
    """404, 412, 422 or 503 where HTTP has a word for a kind of refusal, else 409."""
    if issubclass(kind, NotFound):
        return 404
    if issubclass(kind, StaleBase):
        return 412
    if issubclass(kind, SubjectClosed):  # what the same command is answered changes by itself
        return 503
    return 422 if issubclass(kind, UnknownCode | NotAVillageCode) else 409


def refused(refusal: Refused) -> Response:
    """A refusal of the domain, with the rule's name and its sentence."""
    status = refusal_status(type(refusal))
    return problem(
        status,
        detail=refusal.sentence,
        rule=refusal.rule,
        errors=getattr(refusal, "particulars", None),
        headers=[("Retry-After", "60")] if status == 503 else None,
    )


class Api(flask_smorest.Api):  # type: ignore[misc]  # the library has no types
    """flask-smorest's Api with our error documents. Routes are described when somebody asks for the description: doing so
    takes four fifths of the time that the application needs to be made."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        self._undescribed: list[flask_smorest.Blueprint] = []
        self._describing = Lock()
        super().__init__(app)

    def register_blueprint(self, blueprint: flask_smorest.Blueprint, **options: Any) -> None:
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint, **options)
        self._undescribed.append(blueprint)

    def described(self) -> dict[str, Any]:
        """The OpenAPI document of all routes."""
        with self._describing:
            for blueprint in self._undescribed:
                blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
                self.spec.tag({"name": blueprint.name, "description": blueprint.description})
            self._undescribed.clear()
            document: dict[str, Any] = self.spec.to_dict()
        return document

    def _register_error_handlers(self) -> None:
        """Errors are handled by `install`, on the whole application."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        return http_error(error)


def http_error(error: HTTPException) -> Response:
    """An HTTP error as a problem, with the headers the status needs (Allow, Retry-After, WWW-Authenticate)."""
    data = getattr(error, "data", None) or {}
    messages = data.get("messages") or data.get("errors")
    detail = data.get("message") or SENTENCES.get(error.code or 500) or error.description
    headers = error.get_headers() if error.response is None else list(error.response.headers.items())
    headers = [*headers, *dict(data.get("headers") or {}).items()]
    return problem(error.code or 500, detail=detail, errors=messages, headers=headers)


def install(app: Flask) -> None:
    """Answer every error of ``app`` with a problem document."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Refused, refused)

    def unavailable(error: Exception) -> Response:
        # Drivers name file, host or role and what ails them, in the first line, and no row.
        reason = (str(error).splitlines() or [""])[0][:300]
        log.warning("unavailable: %s: %s", type(error).__name__, reason)
        return problem(503, detail="Basis data sedang tidak terjangkau; coba lagi.", headers=[("Retry-After", "2")])

    def busy(error: Exception) -> Response:
        return problem(503, detail="Banyak yang menulis bersamaan; coba lagi.", headers=[("Retry-After", "1")])

    def unready(error: Exception) -> Response:
        return problem(503, detail="Tampilan sedang dibangun; coba lagi.", headers=[("Retry-After", "5")])

    def damaged(error: Exception) -> Response:
        log.error("the log is damaged: %s", error)
        return problem(500, detail=RULES["log_damaged"][1], rule="log_damaged")

    def newer(error: Exception) -> Response:
        return problem(
            503, detail="Catatan ini memerlukan versi program yang lebih baru.", headers=[("Retry-After", "60")]
        )

    def failed(error: Exception) -> Response:
        current_app.logger.exception("unexpected error")
        return problem(500, detail="Terjadi kesalahan di peladen; tidak ada yang dicatat dari perintah ini.")

    def came_back(error: Exception) -> Response:
        log.error("the shred list is not applied: %s", error)
        return problem(503, detail="Daftar pemusnahan belum diterapkan; hubungi pengelola sistem.")

    def locked(error: Exception) -> Response:
        log.error("the master key: %s", error)
        return problem(503, detail="Data ini terkunci: kunci induknya tidak terpasang; hubungi pengelola sistem.")

    app.register_error_handler(KeyUnreadable, locked)
    for kind in (DestroyedCameBack, ShredListDamaged, NotCompacted):
        app.register_error_handler(kind, came_back)
    app.register_error_handler(LogUnavailable, unavailable)
    app.register_error_handler(StoreUnavailable, unavailable)
    app.register_error_handler(TooBusy, busy)

    def nowhere(error: Exception) -> Response:
        asked = "until" if "until" in request.args else "as_of"
        return problem(422, detail="Posisi itu belum ada di catatan.", errors={"query": {asked: ["belum ada"]}})

    app.register_error_handler(ViewsNotReady, unready)
    app.register_error_handler(LogReplaced, unready)
    app.register_error_handler(NoSuchPosition, nowhere)
    app.register_error_handler(Unreadable, damaged)
    app.register_error_handler(BadNote, damaged)
    app.register_error_handler(NewerEvent, newer)
    app.register_error_handler(Exception, failed)
