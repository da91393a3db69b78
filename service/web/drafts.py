"""A form loses nothing that was typed: what is sent after a session has ended is carried, sealed, through the sign-in.

Nothing of it is stored here. It goes back to the browser as a text that only this service can open, and is opened again for
the account whose page the form was on: of a phone that is shared, another one's words are shown to nobody.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import zlib
from contextlib import suppress
from urllib.parse import urlencode

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from service.api import guard
from service.api.current import office
from service.web.places import ours

#: Fields of a form: whose page it was on; that it is to be shown again, not recorded; what is carried through the sign-in.
WHOSE, AGAIN, CARRIED = "untuk", "pulih", "simpanan"
OWN = "asal"  # in the address of a form: a draft of its own, beside that of the same form opened otherwise
LARGEST = 256 * 1024
LASTS_SECONDS = 12 * 3600
_ABOVE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BOUND = b"wahana draft"


class Draft(msgspec.Struct, frozen=True):
    """A form as it was sent: whose it was, where it goes, its fields, and when (seconds since 1970)."""

    whose: str
    place: str
    fields: list[tuple[str, str]]
    sent: int


def typed() -> MultiDict[str, str]:
    """What was typed. Control characters, which a paste brings along and nobody sees, are left out: to refuse the form for
    them would lose the rest."""
    return MultiDict(
        (guard.clean(_ABOVE.sub("", name)), guard.clean(_ABOVE.sub("", value)))
        for name, value in request.form.items(multi=True)
    )


def again() -> str:
    """Why the form is to be shown with what was typed, instead of being recorded: "cari" when it was searched for and
    not typed here. Empty when it is to be recorded."""
    return request.form.get(AGAIN, "") if request.method == "POST" else ""


def mark(account: str) -> str:
    """What a form carries to say whose page it was on; nobody else can make it."""
    return _mac(f"whose {account}")[:32]


def secret(whose: str) -> str:
    """From which a browser makes the key of the drafts it keeps: without a session of the account, or the letter, whose
    page it is, they do not open."""
    return _mac(f"drafts {whose}")


def _mac(what: str) -> str:
    return hmac.new(office().config.secret_key, f"wahana {what}".encode(), hashlib.sha256).hexdigest()


def _key() -> AESGCM:
    return AESGCM(bytes.fromhex(_mac("sealed drafts")))


def _now() -> int:
    return office().milliseconds() // 1000


def sealed() -> str:
    """The form of this request, sealed; empty when there is nothing to keep: it was on no page of somebody, or too much.
    Papers that were sent with it are not kept: nobody is signed in who might store them."""
    with suppress(HTTPException):
        fields = [(name, value) for name, value in typed().items(multi=True) if name not in (WHOSE, AGAIN)]
        whose = request.form.get(WHOSE, "")
        place = f"{request.path}?{urlencode(request.args.to_dict())}" if request.args else request.path
        text = msgspec.json.encode(Draft(whose, place, fields, _now()))
        if whose and len(text) <= LARGEST:
            nonce = os.urandom(12)
            return base64.urlsafe_b64encode(nonce + _key().encrypt(nonce, zlib.compress(text), _BOUND)).decode()
    return ""


def opened(text: str, account: str) -> Draft | None:
    """The form that was carried through the sign-in, when it was this account's and not long ago."""
    try:
        box = base64.urlsafe_b64decode(text[: 2 * LARGEST])
        draft = msgspec.json.decode(zlib.decompress(_key().decrypt(box[:12], box[12:], _BOUND)), type=Draft)
    except (binascii.Error, ValueError, InvalidTag, zlib.error):
        return None
    fresh = 0 <= _now() - draft.sent <= LASTS_SECONDS
    return draft if fresh and hmac.compare_digest(draft.whose, mark(account)) and ours(draft.place) else None
