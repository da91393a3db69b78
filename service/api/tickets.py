"""Ticket numbers of referrals: printed on the letter, and enough to ask, without an account, which step it has reached.

A ticket is not the letter's number, which whoever wrote the letter chose and others can guess. It is made from the
referral's id with the office's secret: a keyed digest, and under a mask that the digest makes, about when the id was made,
so that the few referrals of those hours can be tried. Nothing is stored, nobody without the secret can make one, and one
that was guessed leads to hours in which there is nothing. A letter at its end catches what was mistyped; that is no guess
and is not counted as one.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import date
from uuid import UUID

from domain.aggregate import Aggregate
from projections import referral_lists
from projections.engine import View
from service.api.case_texts import case_today
from service.api.cases import day_of
from service.api.current import office
from service.api.reads import viewing
from service.signin import Brake, address_prefix

WHEN, KEYED = (
    3,
    6,
)  # bytes: the first three of an id's six of milliseconds, which is four and a half hours; and the digest
_DESTROYED = "SELECT key FROM {people} p WHERE p.key = :id AND p.destroyed_on IS NOT NULL"
_LOOKS_LIKE = str.maketrans({"0": "O", "1": "I", "8": "B", "-": None, " ": None})


class Mistyped(ValueError):
    """Not a ticket number, whatever referrals there are."""


def _digest(about: bytes, told: bytes) -> bytes:
    return hmac.digest(office().config.secret_key, b"ticket " + about + told, "sha256")


def _masked(when: bytes, keyed: bytes) -> bytes:
    return bytes(one ^ mask for one, mask in zip(when, _digest(b"when", keyed), strict=False))


def _check(told: bytes) -> bytes:
    return hashlib.sha256(b"ticket" + told).digest()[:1]


def _keyed(referral: bytes) -> bytes:
    return _digest(b"referral", referral)[:KEYED]


def ticket(referral: str) -> str:
    """The ticket number of a referral: four groups of four letters and digits."""
    id = UUID(referral).bytes
    keyed = _keyed(id)
    told = _masked(id[:WHEN], keyed) + keyed
    text = base64.b32encode(told + _check(told)).decode()
    return "-".join(text[place : place + 4] for place in range(0, 16, 4))


def printed(referral: str) -> str:
    """The ticket number for a letter; none on that of somebody of whom no ticket tells anything."""
    with viewing({}) as view:
        return ticket(referral) if _told(view, referral, day_of(view)) else ""


def _opened(text: str) -> tuple[bytes, bytes]:
    try:
        packed = base64.b32decode(text.upper().translate(_LOOKS_LIKE))
    except (binascii.Error, ValueError):
        raise Mistyped from None
    told = packed[:-1]
    if len(told) != WHEN + KEYED or packed[-1:] != _check(told):
        raise Mistyped
    return _masked(told[:WHEN], told[WHEN:]), told[WHEN:]


def state_of(text: str, address: str) -> str | None:
    """The step that the referral of a ticket number has reached today; ``None`` for a number that nobody has, and in the
    same way where nothing may be told: of somebody strictly restricted, restricted or destroyed, or whose consent is
    gone. Raises `Mistyped`, and `LockedOut` after too many wrong ones from one network, as the door does."""
    when, keyed = _opened(text)
    brake, now = Brake(office().database, office().config.secret_key), office().identity.means.milliseconds()
    subject = brake.subject("ticket of a referral", address_prefix(address))
    brake.count(subject, now)
    with viewing({}) as view:
        found = [one for one in _made_about(view, when) if hmac.compare_digest(_keyed(UUID(one).bytes), keyed)]
        state = _told(view, found[0], day_of(view)) if found else None
    if state is not None:
        brake.release(subject)
    return state


def _made_about(view: View, when: bytes) -> list[str]:
    """The ids of the referrals that were made in the hours that a ticket names."""
    first, last = (UUID(bytes=(when + filled * 13)) for filled in (b"\x00", b"\xff"))
    rows = view.rows(
        "SELECT key FROM {referrals} r WHERE key >= :first AND key <= :last", first=str(first), last=str(last)
    )
    return [row["key"] for row in rows]


def _told(view: View, referral: str, day: date) -> str | None:
    row = referral_lists.one(view, ("1 = 1", {}), referral, day)
    if row is None or row["consent_withdrawn"] or view.one(_DESTROYED, id=row["beneficiary"]):
        return None
    tier = max(row["tier"], case_today(view, row["case_id"], row)["tier"])
    return None if tier >= Aggregate.STRICT_TIER else str(row["state"])
