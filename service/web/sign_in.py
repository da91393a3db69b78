"""Signing in and out on pages, with the second factor where the role wants one."""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _

from service.api import guard
from service.api.current import office
from service.api.problems import RULES
from service.api.sign_in import cookie_name, opened, said, same_origin
from service.identity import LockedOut, SecondFactorNeeded, SecondFactorRefused, SignInRefused
from service.signin import SHORTEST, WeakPassword
from service.web import drafts, words
from service.web.places import ours

blueprint = Blueprint("sign_in_page", __name__, template_folder="templates")
OPEN = frozenset(f"sign_in_page.{name}" for name in ("sign_in", "sign_out", "by_code", "language"))


def _onward() -> str:
    """Where to go afterwards: an address of ours, whatever was asked for."""
    return ours(request.values.get("lanjut", "")) or url_for("pages.home")


@blueprint.route("/masuk", methods=["GET", "POST"])
def sign_in() -> Any:
    """The door. What was typed stays, but for the password."""
    told: Any = ""
    status = 200
    wants_code = False
    headers: dict[str, str] = {}
    if request.method == "POST":
        given = request.form
        try:
            secret = office().identity.sign_in(
                guard.clean(given.get("login", "")[:200]),
                guard.clean(given.get("password", "")[:200]),
                request.remote_addr or "",
                code=guard.clean(given.get("code", "")[:40]),
                agent=request.headers.get("User-Agent", ""),
            )
        except LockedOut as error:
            told, status, headers = error.sentence, 429, _later(error)
        except SignInRefused as error:
            told, status = error.sentence, 401
        except (SecondFactorNeeded, SecondFactorRefused) as error:
            told, status, wants_code = error.sentence, 401, True
        else:
            response = _entered(secret)
            response.headers["Set-Cookie"] = opened(secret, {}).headers["Set-Cookie"]
            return response
    carried = request.form.get(drafts.CARRIED, "")[: 2 * drafts.LARGEST]
    page = render_template("sign_in.html", told=told, wants_code=wants_code, onward=_onward(), carried=carried)
    return page, status, headers


@blueprint.route("/masuk/kode", methods=["GET", "POST"])
def by_code() -> Any:
    """Where the code of a reset sets a password: the first one of a new account, or another in place of a lost one."""
    told, status, headers = _set_by_code(request.form) if request.method == "POST" else ("", 200, {})
    if status == 204:
        return redirect(url_for("sign_in_page.sign_in", selesai="kata-sandi"), 303)
    return render_template("code.html", told=told, shortest=SHORTEST), status, headers


def _set_by_code(given: Any) -> tuple[Any, int, dict[str, str]]:
    """What there is to say of it, with its status and headers."""
    names = ("login", "code", "password", "again")
    login, code, password, again = (guard.clean(given.get(name, "")[:200]) for name in names)
    if password != again:  # the code is good once: a slip would cost another one
        return _("Kedua kata sandi itu tidak sama. Tulis sekali lagi."), 422, {}
    try:
        office().identity.reset_password(login, code, password, request.remote_addr or "")
    except LockedOut as error:
        return error.sentence, 429, _later(error)
    except WeakPassword as error:
        return error.sentence, 422, {}
    except SignInRefused:
        return RULES["reset_refused"][1], 401, {}
    return "", 204, {}


def _later(error: LockedOut) -> dict[str, str]:
    return {"Retry-After": str(error.retry_after)}


def _entered(secret: str) -> Any:
    """On to where she wanted to go; but first she is told of resets of her account, once, and of a form that was still
    open when her session ended."""
    asking = office().identity.asked(secret)
    account = asking.principal.account if asking else ""
    resets = office().identity.means.notices(account) if asking else []
    draft = drafts.opened(request.form.get(drafts.CARRIED, ""), account)
    if resets or draft:
        return make_response(render_template("entered.html", resets=resets, draft=draft, onward=_onward()))
    return make_response(redirect(_onward(), 303))


@blueprint.route("/keluar", methods=["POST"])
def sign_out() -> Any:
    """Close this session, on every worker and every tab. Good also where it has ended by itself."""
    cookie = request.cookies.get(cookie_name(), "")
    if cookie and not same_origin():  # this route is open, so that nobody asked that before
        return said("cross_site")
    office().identity.sign_out(cookie)
    response = redirect(url_for("sign_in_page.sign_in"), 303)
    response.delete_cookie(cookie_name(), secure=office().config.secure, httponly=True, samesite="Lax")
    return response


@blueprint.route("/bahasa", methods=["POST"])
def language() -> Any:
    """Choose the language of the pages, on this device."""
    response = make_response(redirect(_onward(), 303))
    chosen = request.form.get("bahasa", "")
    if chosen in words.LANGUAGES:
        response.set_cookie(
            words.COOKIE, chosen, max_age=365 * 86400, secure=office().config.secure, httponly=True, samesite="Lax"
        )
    return response
