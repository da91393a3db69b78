"""One's own account: devices, password, second factor and tokens. What is secret is shown once and kept nowhere."""

from collections.abc import Callable
from typing import Any

import segno
from flask import redirect, request, url_for

from domain.refusals import NotFound
from service.api.current import asked, office
from service.api.rights import HERSELF
from service.log.ids import is_id
from service.web import ask, drafts
from service.web.ask import Told
from service.web.frame import SIGN_IN, page

LONGEST_URI = 500


def _at(rest: str) -> str:
    return f"/accounts/{asked().principal.account}{rest}"


def _values(**more: Any) -> dict[str, Any]:
    """What the page shows; whoever must first enrol a second factor sees no more than that."""
    enrolling = asked().enrolling
    factor = ask.answer_at(f"{ask.API}{_at('/second-factor')}")
    values: dict[str, Any] = {"enrolling": enrolling, "factor": factor.body if factor.fine else None}
    if not enrolling:
        asked_for = ("/sessions", "/tokens", "/offline-devices")
        devices, tokens, offline = (ask.answer_at(f"{ask.API}{_at(rest)}") for rest in asked_for)
        values |= {
            "devices": devices.body if devices.fine else [],
            "tokens": tokens.body if tokens.fine else [],
            "offline_devices": offline.body if offline.fine else [],
            "now": office().identity.means.milliseconds(),
        }
    return {**values, "made": "", "problem": None, **more}


@page("/akun", "own_account.html", HERSELF)
def own_account() -> Any:
    """Where one is signed in, and by what means."""
    return _values()


@page("/akun/<step>", "own_account.html", HERSELF, methods=("POST",))
def own_account_step(step: str) -> Any:
    """One change of one's own means of signing in."""
    if step not in STEPS or (asked().enrolling and step not in ENROLLING):
        raise NotFound
    if drafts.again():
        return _values(step=step)
    told, onward = STEPS[step](request.form)
    if not told.fine:
        kept = _enrolment(request.form.get("uri", "")) if step == "kode" else {}
        return _values(problem=told.body, step=step, **kept), told.status
    if isinstance(onward, dict):
        return _values(**onward)
    return redirect(onward or url_for("pages.own_account", selesai=step), 303)


def _password(form: Any) -> tuple[Told, Any]:
    told = ask.post(_at("/password"), {"password": form.get("baru", ""), "current": form.get("kata_sandi", "")})
    return told, url_for(SIGN_IN)  # every session has ended, this one too


def _device(form: Any) -> tuple[Told, Any]:
    device = form.get("sesi", "")
    return ask.delete(_at(f"/sessions/{device}" if is_id(device) else "/sessions")), None


def _begin(form: Any) -> tuple[Told, Any]:
    told = ask.post(_at("/second-factor"), {"current": form.get("kata_sandi", "")})
    return told, _enrolment(told.body.get("uri", ""), told.body.get("secret", ""))


def _enrolment(uri: str, secret: str = "") -> dict[str, Any]:
    """The picture that an authenticator reads."""
    if not uri.startswith("otpauth://") or len(uri) > LONGEST_URI:
        return {}
    picture = segno.make(uri, error="m").svg_data_uri(scale=5, border=2)
    return {"made": "enrolment", "uri": uri, "secret": secret, "picture": picture}


def _confirm(form: Any) -> tuple[Told, Any]:
    told = ask.post(_at("/second-factor/confirmation"), {"code": form.get("kode", "").replace(" ", "")})
    return told, {"made": "codes", "codes": told.body.get("recovery_codes", [])}


def _remove(form: Any) -> tuple[Told, Any]:
    told = ask.post(_at("/second-factor/removal"), {"current": form.get("kata_sandi", "")})
    return told, url_for(SIGN_IN)


def _renew(form: Any) -> tuple[Told, Any]:
    told = ask.post(_at("/second-factor/recovery-codes"), {"current": form.get("kata_sandi", "")})
    return told, {"made": "codes", "codes": told.body.get("recovery_codes", [])}


def _issue(form: Any) -> tuple[Told, Any]:
    days = form.get("hari", "")
    body = {"label": form.get("sebutan", "").strip(), "days": int(days) if days.isdecimal() and len(days) < 6 else 0}
    told = ask.post(_at("/tokens"), body)
    return told, {"made": "token", "token": told.body.get("token", "")}


def _revoke(form: Any) -> tuple[Told, Any]:
    return ask.delete(f"/tokens/{form.get('token', '')}"), None


def _revoke_device(form: Any) -> tuple[Told, Any]:
    return ask.delete(_at(f"/offline-devices/{form.get('perangkat', '')}")), None


#: What may be changed, by the last part of its address.
STEPS: dict[str, Callable[[Any], tuple[Told, Any]]] = {
    "kata-sandi": _password,
    "keluarkan": _device,
    "pasang": _begin,
    "kode": _confirm,
    "lepas": _remove,
    "kode-baru": _renew,
    "token": _issue,
    "cabut": _revoke,
    "cabut-perangkat": _revoke_device,
}
ENROLLING = frozenset({"pasang", "kode"})
