"""Questions about consents, and about who is restricted. Restriction and withdrawal are today's, whatever past moment is
looked at."""

from collections.abc import Iterable

from projections.view import View

#: SQL of the ids of those whose processing is restricted today.
RESTRICTED = "(SELECT x.key FROM {restrictions:today} x WHERE x.active = 1)"


def restricted(view: View) -> list[str]:
    """The ids of the beneficiaries whose processing is restricted today."""
    return [row["key"] for row in view.standing("SELECT x.key FROM {restrictions:today} x WHERE x.active = 1")]


def streams_of(view: View, people: Iterable[str]) -> set[str]:
    """The ids of these beneficiaries, of their cases, referrals and requests, and of emergency accesses to them."""
    ids = sorted(people)
    if not ids:
        return set()
    about = [(name, "beneficiary") for name in ("cases", "referrals", "emergencies")] + [
        ("subject_requests", "subject")
    ]
    each = (f"SELECT t.key FROM {{{name}:today}} t WHERE t.{column} IN :ids" for name, column in about)
    return {*ids, *(row["key"] for row in view.rows(" UNION ALL ".join(each), ids=ids))}


def withdrawn(row: str = "r") -> str:
    """SQL of whether the consent that a row of referrals rests on no longer stands today: 1, 0, or NULL without one."""
    key = f"{row}.beneficiary || ':' || {row}.consent"
    known = f"SELECT k.withdrawn FROM {{consents:today}} k WHERE k.key = {key}"
    return f"CASE WHEN {row}.consent IS NULL THEN NULL ELSE COALESCE(({known}), 1) END"
