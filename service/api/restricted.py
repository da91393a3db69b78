"""Records whose processing is restricted (UU 27/2022 art. 11): while it holds they are shown to whoever has the reach
"restricted", and to nobody else: in no list, page, history, replay or feed, of today or of any past moment."""

from collections.abc import Iterable
from typing import Any

import msgspec

from domain.aggregate import Aggregate
from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.referral import Referral
from projections import consent_lists
from projections.consent_lists import RESTRICTED
from projections.view import Reached, View
from service.reach import Principal, Scope, scope

UNNAMED = "[dibatasi]"


def beneficiary_of(about: Aggregate) -> str | None:
    """The id of the beneficiary that a record is about, itself or by its case or referral."""
    if isinstance(about, Beneficiary):
        return str(about.id)
    return about.beneficiary if isinstance(about, Case | Referral) else None


def widened(reach: Scope, reached: Reached, person: str) -> Reached:
    """The reach over a list, with the restricted ones for whoever reaches those; ``person`` is the column that names
    whom a row is about."""
    where, values = reached
    return (f"({where} OR {person} IN {RESTRICTED})", values) if reach.restricted else reached


def unseen(who: Principal, view: View) -> list[str]:
    """The ids of the beneficiaries that this reader may not learn of, because their processing is restricted."""
    return [] if scope(who, "beneficiary.read").restricted else consent_lists.restricted(view)


def written(data: Any, ids: Iterable[str]) -> bytes:
    """Data as JSON, in which none of these ids is named."""
    text = msgspec.json.encode(data)
    named = [id for id in ids if id.encode() in text]
    return msgspec.json.encode(without(msgspec.json.decode(text), named)) if named else text


def without(data: Any, ids: Iterable[str]) -> Any:
    """JSON values in which none of these ids stands: as a key or an item it is left out, in a text it is replaced."""
    gone = tuple(ids)

    def told(value: Any) -> Any:
        if isinstance(value, str):
            for id in gone:
                value = value.replace(id, UNNAMED)
            return value
        if isinstance(value, dict):
            return {told(name): told(one) for name, one in value.items() if name not in gone}
        if isinstance(value, list):
            return [told(one) for one in value if not (isinstance(one, str) and one in gone)]
        return value

    return told(data) if gone else data
