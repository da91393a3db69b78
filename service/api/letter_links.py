"""Links on referral letters: a destination without an account answers by the letter that it holds.

A link names one referral, the account that printed it and its last day, sealed with the office's secret: it can be neither
made nor read elsewhere. Whoever opens it acts as a `Principal` of its own that holds no role to anything but answering
that one referral, as `service.api.referrals` asks for; who answers is told by the name that she types, as the informant.
What is open to her is what the letter says already. The link ends with the referral, or when the consent that it rests on
is withdrawn, or when the person's processing is restricted. Guessing is hopeless and each answer leaves fewer to give, so
that it needs no brake.
"""

import base64
import hmac
import os
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.account_state import Grant
from domain.aggregate import Aggregate
from projections import referral_lists
from service.api.case_texts import case_today
from service.api.cases import day_of
from service.api.commands import COMMANDS, execute
from service.api.current import office
from service.api.reads import viewing
from service.casebook import Answer
from service.reach import Principal

DAYS = 30
ACCOUNT = "jawaban-surat"  # never that of anybody who signs in: those are UUIDs
CHANNEL = "tautan"
_ABOUT = b"referral letter"
#: What may be answered: the command, the fields that whoever answers fills in, and the states it may be said in.
_WITH_THEM = frozenset({"diajukan", "diterima", "dijadwalkan", "ditangani"})
ANSWERS: Mapping[str, tuple[str, tuple[str, ...], frozenset[str]]] = {
    "terima": ("referral.accept", (), frozenset({"diajukan"})),
    "lengkapi": ("referral.return_incomplete", ("reason", "missing"), _WITH_THEM),
    "tolak": ("referral.reject", ("reason",), _WITH_THEM),
    "selesai": ("referral.complete", ("outcome",), _WITH_THEM),
}
SAID_BY = ("note", "informant")


class Link(msgspec.Struct, frozen=True):
    """What a link says: the referral, who printed it, and the last day on which it may be used."""

    referral: str
    printed_by: str
    until: date


class Shown(msgspec.Struct, frozen=True):
    """What whoever holds the letter may see. Of somebody strictly restricted it is the letter's number alone."""

    letter_number: str | None
    answers: tuple[str, ...]
    sent_on: str | None = None
    state: str | None = None
    need: str | None = None
    reply_by: str | None = None


def _seal() -> AESGCM:
    return AESGCM(hmac.digest(office().config.secret_key, b"letter", "sha256"))


def made(referral: str, printed_by: str) -> tuple[str, date]:
    """The secret part of a link's address, and its last day."""
    until = office().today() + timedelta(days=DAYS)
    nonce = os.urandom(12)
    told = UUID(referral).bytes + UUID(printed_by).bytes + until.toordinal().to_bytes(3)
    return base64.urlsafe_b64encode(nonce + _seal().encrypt(nonce, told, _ABOUT)).decode().rstrip("="), until


def opened(text: str) -> Link | None:
    """The link of an address; ``None`` when it was not made here, or its last day has passed."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        told = _seal().decrypt(packed[:12], packed[12:], _ABOUT)
        until = date.fromordinal(int.from_bytes(told[32:]))
    except (InvalidTag, ValueError):  # binascii.Error is a ValueError
        return None
    link = Link(str(UUID(bytes=told[:16])), str(UUID(bytes=told[16:32])), until)
    return link if office().today() <= until else None


def shown(link: Link) -> Shown | None:
    """What the link opens today; ``None`` when it opens nothing any more. No sealed part is opened."""
    with viewing({}) as view:
        row = referral_lists.one(view, ("1 = 1", {}), link.referral, day_of(view))
        if row is None or row["consent_withdrawn"]:
            return None
        tier = max(row["tier"], case_today(view, row["case_id"], row)["tier"])
    answers = tuple(name for name, (_, _, states) in ANSWERS.items() if row["state"] in states)
    if tier >= Aggregate.STRICT_TIER:
        return Shown(row["letter_number"], answers)
    return Shown(row["letter_number"], answers, row["submitted_on"], row["state"], row["need"], row["reply_by"])


def principal_of(link: Link) -> Principal:
    """Whoever answers by a link: may answer its referral, and do or read nothing else."""
    here = Grant(ACCOUNT, "mitra", "Jawaban lewat surat rujukan", (), office().today())
    return Principal(
        account=ACCOUNT,
        login="",
        name="",
        grants=(here,),
        day=office().today(),
        actions=frozenset({"referral.answer"}),
        letter=link.referral,
    )


def answer(link: Link, word: str, said: dict[str, Any], *, key: str) -> Answer:
    """Record one answer as the referral's own command; the same ``key`` again records nothing more.

    ``said`` holds only the fields of `ANSWERS` and `SAID_BY`. Raises ``ValidationError`` and the refusals of the domain.
    """
    command, fields, _ = ANSWERS[word]
    route = COMMANDS[command]
    told = {name: said[name] for name in (*fields, *SAID_BY) if name in said}
    data = route.schema.load({**told, "channel": CHANNEL, "source": "form", "device": f"surat/{link.printed_by}"})
    return execute(route, data, {"stream": link.referral}, principal_of(link), office(), key=key)[0]
