"""Working without signal: the app's shell, which a device keeps, the outbox, and what a browser needs to install them.

What a device keeps of these pages holds nobody's data: the shell has empty forms, filled in on the device. See decision 34.
"""

import hashlib
import re
from typing import Any

import msgspec
from flask import Response, render_template, request, url_for
from flask_babel import gettext

from service.api import outbox as api
from service.api.current import principal
from service.api.rights import HERSELF, SIGNED_IN
from service.envelopes import NotAnOutbox
from service.web import field_forms
from service.web.frame import STATIC, asset, blueprint, page

OPEN = frozenset({"pages.outbox", "pages.worker", "pages.manifest"})
SCRIPTS = tuple(f"offline/{name}.js" for name in ("core", "start", "form", "made", "taking", "fill", "shell", "box"))
HERE = tuple(name for name in SCRIPTS if name != "offline/box.js")
STYLES = ("vendor/pico.min.css", "app.css", "icon.svg")


@page("/luring", "offline.html", SIGNED_IN)
def offline() -> Any:
    """The shell, which loads its empty forms and sentences apart, so that a browser keeps them until they change."""
    return {"forms": _digest(_forms()), "scripts": HERE, "who": None, "dated": False}


@page("/luring/isian.js", "", SIGNED_IN)
def offline_forms() -> Any:
    """Everything that may be recorded in the field by whoever looks, and what the scripts say: nothing about anybody."""
    body = _forms()
    kept = "private, max-age=31536000, immutable" if request.args.get("v") == _digest(body) else "no-store"
    return Response(body, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": kept})


def _forms() -> str:
    html = render_template("offline_forms.html", blanks=field_forms.blanks())
    short = re.sub(r"\s*\n\s*", "\n", html)
    return f"document.getElementById('isi').insertAdjacentHTML('beforeend', {msgspec.json.encode(short).decode()});\n"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:10]


@blueprint.route("/kotak-keluar", methods=["GET"])
def outbox() -> Any:
    """The outbox of this device. Open to everybody: what lies in it only the office can read."""
    return render_template("outbox.html", scripts=SCRIPTS, who=None, dated=False)


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
    files = [url_for("pages.outbox"), *(asset(name) for name in (*STYLES, *SCRIPTS))]
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
