"""Who may do and see what: one table for actions, one for people in need, read by everything and by the auditor.

Rights come from the grants that an account holds today (roles, posts and areas); what is not in the tables is refused.
"""

from collections.abc import Mapping
from datetime import date
from enum import Enum, Flag, auto

import msgspec

from domain.account import Grant


class Reach(Flag):
    """How far a role's right to an action reaches. Reaches of one cell add up."""

    ALL = auto()  # everything
    AREA = auto()  # what lies in a village of the grant's areas
    ASSIGNED = auto()  # what this account works on, and in its areas what nobody works on yet
    OWN = auto()  # what this account recorded itself, in its areas
    ADDRESSED = auto()  # what was sent to this account


class Sight(Enum):
    """How a person in need is shown."""

    FULL = "full"
    MASKED = "masked"  # initials, no NIK, year of birth
    NONE = "none"


ALL, AREA, ASSIGNED, OWN, ADDRESSED = Reach.ALL, Reach.AREA, Reach.ASSIGNED, Reach.OWN, Reach.ADDRESSED

_BOARD: Mapping[str, Reach] = {
    "pengurus_wksbm": AREA,
    "kades": AREA,
    "psm": AREA,
    "tksk": AREA,
    "peksos": ALL,
    "supervisor": ALL,
    "kepala_dinas": ALL,
    "auditor": ALL,
}
# Registration at the office, monitoring and coaching days are the office's own steps: its division head records them.
_BODIES: Mapping[str, Reach] = {"pengurus_wksbm": AREA, "kades": AREA, "tksk": AREA, "supervisor": ALL}
_CASEWORK: Mapping[str, Reach] = {"psm": ASSIGNED, "tksk": ASSIGNED, "peksos": AREA | ASSIGNED}
_TARGETS: Mapping[str, Reach] = {"supervisor": ALL, "kepala_dinas": ALL}
_BORDERS: Mapping[str, Reach] = {"supervisor": ALL, "admin": ALL}
_EVERYBODY: Mapping[str, Reach] = dict.fromkeys((*_BOARD, "mitra", "admin", "dpo"), ALL)

#: action: role: reach. A role that is not named may not.
POLICY: Mapping[str, Mapping[str, Reach]] = {
    "territory.read": _EVERYBODY,
    "territory.record": _BORDERS,
    "territory.amend": _BORDERS,
    "board.read": _BOARD,  # status of villages, coverage, caseload
    "figure.read": _EVERYBODY,  # what is counted; the count and its rows have rights of their own
    "wksbm.read": _BOARD,
    "wksbm.record": _BODIES,
    "kps.read": _BOARD,
    "kps.record": _BODIES,
    "psks.read": _BOARD,
    "psks.record": _BODIES,
    "indicator.read": _BOARD,
    "indicator.record": _TARGETS,
    "indicator.set": _TARGETS,
    "beneficiary.read": {
        "pengurus_wksbm": AREA,
        "kades": AREA,
        "psm": AREA,
        "tksk": AREA,
        "peksos": ASSIGNED | OWN,
        "supervisor": ALL,
        "kepala_dinas": ALL,
        "auditor": ALL,
    },
    "beneficiary.record": {"pengurus_wksbm": OWN, "psm": AREA, "tksk": AREA, "peksos": ASSIGNED | OWN},
    "beneficiary.identify": {  # open a sealed identity; how much is shown, `sees` says
        "pengurus_wksbm": AREA,
        "kades": AREA,
        "psm": AREA,
        "tksk": AREA,
        "peksos": ASSIGNED | OWN,
        "supervisor": ALL,
        "kepala_dinas": ALL,
    },
    "search.people": {
        "pengurus_wksbm": AREA,
        "kades": AREA,
        "psm": AREA,
        "tksk": AREA,
        "peksos": AREA | ASSIGNED | OWN,
        "supervisor": ALL,
        "kepala_dinas": ALL,
        "auditor": ALL,
    },
    "case.read": {**_CASEWORK, "supervisor": ALL, "auditor": ALL},  # an auditor: that it exists, not its text
    "case.open": _CASEWORK,
    "case.record": _CASEWORK,
    "case.approve": {"supervisor": ALL},
    "case.assign": {"supervisor": ALL},
    "referral.read": {
        "pengurus_wksbm": OWN,
        "kades": AREA,
        "psm": AREA,
        "tksk": AREA,
        "peksos": AREA | ASSIGNED,
        "supervisor": ALL,
        "kepala_dinas": ALL,
        "mitra": ADDRESSED,
        "auditor": ALL,
    },
    "referral.record": {"pengurus_wksbm": OWN, "psm": AREA, "tksk": AREA, "peksos": AREA | ASSIGNED},
    "referral.answer": {"mitra": ADDRESSED},
    "incident.read": _BOARD,
    "incident.record": {"kades": AREA, "psm": AREA, "tksk": AREA, "peksos": AREA, "supervisor": ALL},
    "record.correct": {
        **dict.fromkeys(("pengurus_wksbm", "kades", "psm", "tksk"), OWN),
        "peksos": ASSIGNED | OWN,
        "supervisor": ALL,
    },
    "record.retract": {**dict.fromkeys(("pengurus_wksbm", "kades", "psm", "tksk", "peksos"), OWN), "supervisor": ALL},
    "file.upload": {role: ALL for role in _EVERYBODY if role not in ("auditor", "dpo")},
    "file.read": {
        "pengurus_wksbm": OWN,
        "kades": AREA,
        "psm": ASSIGNED | OWN,
        "tksk": ASSIGNED | OWN,
        "peksos": AREA | ASSIGNED,
        "supervisor": ALL,
    },
    "account.read": dict.fromkeys(("supervisor", "auditor", "admin", "dpo"), ALL),
    "retention.read": dict.fromkeys(("supervisor", "kepala_dinas", "auditor", "dpo"), ALL),
    "retention.record": {"kepala_dinas": ALL, "dpo": ALL},  # the archive schedule
    "hold.record": dict.fromkeys(("supervisor", "kepala_dinas", "dpo"), ALL),
    "destruction.read": dict.fromkeys(("supervisor", "kepala_dinas", "auditor", "dpo"), ALL),
    "destruction.propose": {"supervisor": ALL, "dpo": ALL},
    "destruction.decide": dict.fromkeys(("supervisor", "kepala_dinas", "dpo"), ALL),
    "events.read": {"auditor": ALL, "admin": ALL},
    "replay.read": {"auditor": ALL, "supervisor": ALL},
    **{name: {"admin": ALL} for name in ("account.manage", "account.grant", "views.rebuild", "metrics.read")},
    "emergency.open": {"tksk": AREA, "peksos": ALL, "supervisor": ALL, "kepala_dinas": ALL},
    "emergency.review": {"supervisor": ALL, "kepala_dinas": ALL},
    "emergency.read": {
        **dict.fromkeys(("tksk", "peksos"), OWN),
        **dict.fromkeys(("supervisor", "kepala_dinas", "auditor", "dpo"), ALL),
    },
    "reading.read": dict.fromkeys(("auditor", "supervisor", "dpo"), ALL),  # who opened what
}
ACTIONS = frozenset(POLICY)

_FULL, _MASKED, _NONE = Sight.FULL, Sight.MASKED, Sight.NONE

#: role: for tiers 1, 2 and 3, how a person is shown and of whom that holds. Tier 3 is the strictly restricted one.
PEOPLE: Mapping[str, tuple[tuple[Sight, Reach], tuple[Sight, Reach], tuple[Sight, Reach]]] = {
    "pengurus_wksbm": ((_MASKED, AREA), (_NONE, ALL), (_NONE, ALL)),
    "kades": ((_FULL, AREA), (_MASKED, AREA), (_NONE, ALL)),
    "psm": ((_FULL, AREA), (_FULL, ASSIGNED), (_NONE, ALL)),
    "tksk": ((_FULL, AREA), (_FULL, ASSIGNED), (_NONE, ALL)),
    "peksos": ((_FULL, ASSIGNED), (_FULL, ASSIGNED), (_FULL, ASSIGNED)),
    "supervisor": ((_FULL, ALL), (_FULL, ALL), (_FULL, ALL)),
    "kepala_dinas": ((_FULL, ALL), (_MASKED, ALL), (_NONE, ALL)),
    "auditor": ((_MASKED, ALL), (_MASKED, ALL), (_NONE, ALL)),
}


class Principal(msgspec.Struct, frozen=True):
    """Whoever is asking: an account, and the grants it holds on ``day`` (the office's calendar)."""

    account: str
    login: str
    name: str
    grants: tuple[Grant, ...]
    day: date
    emergency: str = ""  # the record that this request opens in an emergency

    @property
    def post(self) -> str:
        """The post of the first grant, as events record it; empty without one."""
        return self.grants[0].title if self.grants else ""

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    def covers(self, village: str | None, role: str | None = None) -> bool:
        """Whether a village lies in an area of a grant, of one role or of any."""
        return any(grant.covers(village) for grant in self.grants if role in (None, grant.role))

    def villages_prefixes(self, action: str) -> tuple[str, ...]:
        """The areas an action reaches as prefixes of village codes; ``("",)`` for everything, ``()`` for no area."""
        reach = scope(self, action)
        return ("",) if reach.everything else reach.areas


class Scope(msgspec.Struct, frozen=True):
    """What one action reaches for one account: the same for one thing (`includes`) and for a list (`where`).

    ``areas``, ``unassigned`` and ``own`` are prefixes of village codes; the empty prefix stands for the kabupaten.
    """

    account: str
    everything: bool = False
    areas: tuple[str, ...] = ()
    assigned: bool = False
    unassigned: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    addressed: bool = False

    @property
    def empty(self) -> bool:
        """Whether the account may not do this at all, with nothing anywhere."""
        return not (self.everything or self.areas or self.assigned or self.own or self.addressed)

    def includes(
        self, village: str | None = None, worker: str | None = None, by: str | None = None, to: str | None = None
    ) -> bool:
        """Whether a thing is reached: its village, who works on it, who recorded it, to whom it was sent."""
        code = village or ""
        return (
            self.everything
            or (bool(self.areas) and code.startswith(self.areas))
            or (self.assigned and worker == self.account)
            or (worker is None and bool(self.unassigned) and code.startswith(self.unassigned))
            or (by == self.account and bool(self.own) and code.startswith(self.own))
            or (self.addressed and to == self.account)
        )

    def where(
        self, village: str, *, worker: str | None = None, held: str = "", by: str | None = None, to: str | None = None
    ) -> tuple[str, dict[str, str]]:
        """The same as SQL over the named columns, with its parameters. A column that a list lacks reaches nothing.

        ``worker`` is NULL in rows that nobody works on; ``held`` asks sooner whether ``%s`` holds for one of a row.
        """
        if self.everything:
            return "1 = 1", {}
        values: dict[str, str] = {}

        def named(value: str) -> str:
            name = f"reach_{chr(97 + len(values) // 26)}{chr(97 + len(values) % 26)}"
            values[name] = value
            return f":{name}"

        def within(areas: tuple[str, ...]) -> str:
            if "" in areas:
                return "1 = 1"
            # A prefix as a range, which an index finds; "~" lies behind all that follows in a code.
            ranges = (f"{village} >= {named(area)} AND {village} < {named(f'{area}~')}" for area in areas)
            return f"({' OR '.join(ranges)})"

        cases = [within(self.areas)] if self.areas else []
        if worker and self.assigned:
            cases.append((held or f"{worker} %s") % f"= {named(self.account)}")
        if worker and self.unassigned:
            nobody = f"NOT {held % 'IS NOT NULL'}" if held else f"{worker} IS NULL"
            cases.append(f"({within(self.unassigned)} AND {nobody})")
        if by and self.own:
            cases.append(f"({by} = {named(self.account)} AND {within(self.own)})")
        if to and self.addressed:
            cases.append(f"{to} = {named(self.account)}")
        return ("(" + " OR ".join(cases) + ")" if cases else "1 = 0"), values


def scope(principal: Principal, action: str) -> Scope:
    """What the grants of ``principal`` let an action reach; an empty scope for an action that is not in the table."""
    cells = POLICY.get(action, {})
    found = [(cells[grant.role], grant.areas or ("",)) for grant in principal.grants if grant.role in cells]

    def areas(reach: Reach) -> tuple[str, ...]:
        return tuple(dict.fromkeys(area for cell, held in found if reach in cell for area in held))

    return Scope(
        principal.account,
        everything=any(ALL in cell for cell, _ in found) or "" in areas(AREA),
        areas=areas(AREA),
        assigned=any(ASSIGNED in cell for cell, _ in found),
        unassigned=areas(ASSIGNED),
        own=areas(OWN),
        addressed=any(ADDRESSED in cell for cell, _ in found),
    )


def allowed(
    principal: Principal,
    action: str,
    *,
    village: str | None = None,
    worker: str | None = None,
    by: str | None = None,
    to: str | None = None,
) -> bool:
    """Whether the table lets ``principal`` do ``action`` to a thing in ``village``, worked on by ``worker``, recorded by
    ``by`` (for something new: the account itself) and sent to ``to``. An unknown action is refused."""
    return scope(principal, action).includes(village, worker, by, to)


def sees(principal: Principal, tier: int, village: str | None, assigned: bool) -> Sight:
    """How a person of a tier who lives in ``village`` is shown.

    ``assigned`` says that the account works with her, or that it recorded her while nobody does. With several grants
    the widest sight counts. A tier outside 1 to 3 is read as 3.
    """
    sights = set()
    for grant in principal.grants:
        if grant.role in PEOPLE:
            sight, reach = PEOPLE[grant.role][tier - 1 if tier in (1, 2) else 2]
            if reach is ALL or (assigned if reach is ASSIGNED else grant.covers(village)):
                sights.add(sight)
    return _FULL if _FULL in sights else _MASKED if _MASKED in sights else _NONE
