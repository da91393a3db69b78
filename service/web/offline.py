"""Working without signal: the app's shell, which a device keeps, the outbox, and what a browser needs to install them.

What a device keeps of these pages holds nobody's data: the shell has empty forms, filled in on the device. See decision 34.
"""

import functools
import hashlib
import re
from typing import Any

import msgspec
from flask import Response, render_template, request, url_for
from flask_babel import get_locale, gettext

from service.api import outbox as api
from service.api.current import principal
from service.api.rights import HERSELF, SIGNED_IN
from service.envelopes import NotAnOutbox
from service.web import field_forms, referrals
from service.web.frame import STATIC, asset, blueprint, page

OPEN = frozenset({"pages.outbox", "pages.outbox_words", "pages.worker", "pages.manifest"})
SCRIPTS = tuple(
    f"offline/{name}.js" for name in ("core", "standing", "start", "form", "made", "taking", "fill", "shell", "box")
)
HERE = tuple(name for name in SCRIPTS if name != "offline/box.js")
STYLES = ("vendor/pico.min.css", "app.css", "icon.svg")


@page("/luring", "offline.html", SIGNED_IN)
def offline() -> Any:
    """The shell, which loads its empty forms and sentences apart, so that a browser keeps them until they change."""
    forms = url_for("pages.offline_forms", v=_forms(field_forms.made_of())[1])
    signing = url_for("pages.offline_signing", v=_signing(str(get_locale()))[1])
    return {"forms": forms, "signing": signing, "scripts": HERE, "who": None, "dated": False}


@page("/luring/isian.js", "", SIGNED_IN)
def offline_forms() -> Any:
    """Everything that may be recorded in the field by whoever looks, and what the scripts say: nothing about anybody."""
    return _kept(*_forms(field_forms.made_of()))


@page("/luring/tanda/isian.js", "", SIGNED_IN)
def offline_signing() -> Any:
    """What a consent is signed with on the screen of a device: too much to be loaded with every view of the shell."""
    return _kept(*_signing(str(get_locale())))


@blueprint.route("/kotak-keluar", methods=["GET"])
def outbox() -> Any:
    """The outbox of this device. Open to everybody: what lies in it only the office can read."""
    return render_template("outbox.html", forms=_outbox_words(), scripts=SCRIPTS, who=None, dated=False)


@blueprint.route("/kotak-keluar/isian.js", methods=["GET"])
def outbox_words() -> Any:
    """What the outbox says, also the sentences of the office's rules in the language of whoever looks."""
    return _kept(*_words(str(get_locale())))


def _outbox_words() -> str:
    return url_for("pages.outbox_words", v=_words(str(get_locale()))[1])


@functools.lru_cache(maxsize=8)
def _words(language: str) -> tuple[str, str]:
    """What the outbox says in the language of the page, and its digest: the same for everybody for as long as this process
    runs, so that whoever asks again and again without an account costs nothing."""
    said = _inserted("outbox_words.html")
    return said, _digest(said)


@functools.lru_cache(maxsize=8)
def _signing(language: str) -> tuple[str, str]:
    scripts = ((STATIC / name).read_text("utf-8") for name in ("sign.js", "offline/signing.js"))
    said = "".join((_inserted("offline_signing.html", title="", about=()), *scripts))
    return said, _digest(said)


@functools.lru_cache(maxsize=32)
def _forms(_made_of: tuple[Any, ...]) -> tuple[str, str]:
    """The empty forms for all who have the same, and their digest: made of hundreds of fields, they take ten times as long
    as the rest of the page."""
    said = _inserted("offline_forms.html", blanks=field_forms.blanks(), referral_states=referrals.STATES)
    return said, _digest(said)


def _inserted(template: str, **values: Any) -> str:
    """A script that puts what a template says into its page. Each line is in it once: forms have most of theirs in common,
    further apart than compression sees. Of their order only repetitions are numbers: -1 is the next line not told yet."""
    lines = re.findall(r"[^\n]+\n?", re.sub(r"\s*\n\s*", "\n", render_template(template, **values)))
    places, order = dict[str, int](), list[int]()
    for line in lines:
        order.append(places.get(line, -1))
        places.setdefault(line, len(places))
    told, said = (msgspec.json.encode(one).decode() for one in (list(places), order))
    return (
        f"(() => {{\nconst lines = {told};\nlet next = 0;\n"
        f"const html = {said}.map((one) => lines[one < 0 ? next++ : one]).join('');\n"
        "document.getElementById('isi').insertAdjacentHTML('beforeend', html);\n})();\n"
    )


def _kept(body: str, digest: str) -> Response:
    """Kept by browsers for as long as they like, where the address names this very content."""
    kept = "private, max-age=31536000, immutable" if request.args.get("v") == digest else "no-store"
    return Response(body, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": kept})


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:10]


@page("/kotak-keluar/berkas", "outbox_file.html", HERSELF, methods=("GET", "POST"))
def outbox_file() -> Any:
    """Bring in the outbox of a device as a file, where there was no line at all."""
    if request.method == "GET":
        return {"results": None, "problem": None}
    content = b""
    if sent := request.files.get("berkas"):
        with sent.stream:
            content = sent.read()
    try:
        results = api.results_of(content, principal().account)
    except (NotAnOutbox, api.OutboxTooLong) as refusal:
        return {"results": None, "problem": refusal.sentence}, 422
    return {"results": results, "problem": None}


@blueprint.route("/sw.js", methods=["GET"])
def worker() -> Response:
    """The service worker, which changes whenever a file does that it keeps."""
    files = [url_for("pages.outbox"), _outbox_words(), *(asset(name) for name in (*STYLES, *SCRIPTS))]
    body = (STATIC / "offline/worker.js").read_text("utf-8")
    name = hashlib.sha256("".join([*files, body, outbox()]).encode()).hexdigest()[:16]
    head = (
        f"importScripts('{asset('offline/core.js')}');\n"
        f"const NAME = 'wahana-{name}';\nconst FILES = {msgspec.json.encode(files).decode()};\n"
    )
    return Response(head + body, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@blueprint.route("/manifest.webmanifest", methods=["GET"])
def manifest() -> Response:
    """What makes the pages an app on a phone's first screen."""
    told = {
        "name": "Wahana",
        "short_name": "Wahana",
        "lang": "id",
        "description": gettext("Buku kasus Dinas Sosial"),
        "start_url": "/luring",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b5a4a",
        "icons": [{"src": asset("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return Response(
        msgspec.json.encode(told), content_type="application/manifest+json", headers={"Cache-Control": "max-age=86400"}
    )
