"""How far the rights of whoever asks reach: the policy table of `service.access`, applied to one account.

Rights come from the grants and clearances that an account holds today; what is not in the tables is refused.
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.account import Grant
from domain.compartments import ALL as ALL_COMPARTMENTS
from domain.compartments import OTHER
from service.access import ADDRESSED, ALL, AREA, ASSIGNED, OWN, PEOPLE, POLICY, RESTRICTED, Sight

_BITS = _ALL, _AREA, _ASSIGNED, _OWN, _ADDRESSED, _RESTRICTED = tuple(
    reach.value for reach in (ALL, AREA, ASSIGNED, OWN, ADDRESSED, RESTRICTED)
)


class Principal(msgspec.Struct, frozen=True):
    """Whoever is asking: an account, the grants it holds on ``day`` (the office's calendar), and the compartments of the
    strictly restricted tier that it is cleared for."""

    account: str
    login: str
    name: str
    grants: tuple[Grant, ...]
    day: date
    clearances: frozenset[str] = frozenset()
    emergency: str = ""  # the record that this request opens in an emergency
    actions: frozenset[str] | None = None  # what the token or session at hand is limited to; None for no such limit
    letter: str = ""  # the one referral that this request answers, by the link on its letter

    @property
    def post(self) -> str:
        """The post of the first grant, as events record it; empty without one."""
        return self.grants[0].title if self.grants else ""

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    @property
    def areas(self) -> frozenset[str]:
        """Villages and kecamatan of the grants together; none when one of them is for the whole kabupaten."""
        if not all(grant.areas for grant in self.grants):
            return frozenset()
        return frozenset(area for grant in self.grants for area in grant.areas)

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
    restricted: bool = False

    @property
    def empty(self) -> bool:
        """Whether the account may not do this at all, with nothing anywhere."""
        return self == Scope(self.account)

    def includes(
        self,
        village: str | None = None,
        worker: str | None = None,
        by: str | None = None,
        to: str | None = None,
        *,
        restricted: object = False,
    ) -> bool:
        """Whether a thing is reached: its village, who works on it, who recorded it, to whom it was sent, and whether it
        is of somebody whose processing is restricted."""
        if restricted:
            return self.restricted
        code = village or ""
        return (
            self.everything
            or (bool(self.areas) and code.startswith(self.areas))
            or (self.assigned and worker == self.account)
            or (worker is None and bool(self.unassigned) and code.startswith(self.unassigned))
            or (by == self.account and bool(self.own) and code.startswith(self.own))
            or (self.addressed and to == self.account)
        )

    def includes_one(self, villages: Iterable[str], *, everywhere: bool = False) -> bool:
        """Whether a thing of several villages is reached, in one of them; ``everywhere``: it is of the whole kabupaten."""
        return not self.empty and (everywhere or any(self.includes(village) for village in villages))

    def where(
        self, village: str, *, worker: str | None = None, by: str | None = None, to: str | None = None
    ) -> tuple[str, dict[str, str]]:
        """The same as SQL over the named columns, with its parameters. A column that a list lacks reaches nothing.
        ``worker`` is NULL in rows that nobody works on."""
        ways, values = self.ways(village, worker=worker, by=by, to=to)
        return either(ways), values

    def ways(
        self,
        village: str,
        *,
        worker: str | None = None,
        mine: str = "",
        nobodys: str = "",
        by: str | None = None,
        to: str | None = None,
    ) -> tuple[list[str], dict[str, str]]:
        """The same, each way to reach a row for itself: one of them must hold. ``mine`` and ``nobodys`` ask sooner than
        ``worker`` whether the account ``%s`` works on a row, and whether nobody does."""
        if self.everything:
            return ["1 = 1"], {}
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

        ways = [within(self.areas)] if self.areas else []
        if worker and self.assigned:
            ways.append((mine or f"{worker} = %s") % named(self.account))
        if worker and self.unassigned:
            ways.append(f"({within(self.unassigned)} AND {nobodys or f'{worker} IS NULL'})")
        if by and self.own:
            ways.append(f"({by} = {named(self.account)} AND {within(self.own)})")
        if to and self.addressed:
            ways.append(f"{to} = {named(self.account)}")
        return ways, values


def scope(principal: Principal, action: str) -> Scope:
    """What the grants of ``principal`` let an action reach; an empty scope for an action that is not in the table."""
    cells = POLICY.get(action, {}) if principal.actions is None or action in principal.actions else {}
    reached: dict[int, dict[str, None]] = {}  # by the number of a reach, which is ten times as quick as the flag
    for grant in principal.grants:
        held = cells[grant.role].value if grant.role in cells else 0
        for bit in _BITS if held else ():
            if held & bit:
                reached.setdefault(bit, {}).update(dict.fromkeys(grant.areas or ("",)))
    areas = {bit: tuple(found) for bit, found in reached.items()}
    return Scope(
        principal.account,
        everything=_ALL in areas or "" in areas.get(_AREA, ()),
        areas=areas.get(_AREA, ()),
        assigned=_ASSIGNED in areas,
        unassigned=areas.get(_ASSIGNED, ()),
        own=areas.get(_OWN, ()),
        addressed=_ADDRESSED in areas,
        restricted=_RESTRICTED in areas,
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


def sees(
    principal: Principal,
    tier: int,
    village: str | None,
    assigned: bool,
    compartments: frozenset[str] | None = None,
    *,
    restricted: object = False,
) -> Sight:
    """How a person of a tier who lives in ``village`` is shown.

    ``assigned`` says that the account works with her, or that it recorded her while nobody does. With several grants
    the widest sight counts. A tier outside 1 to 3 is read as 3. Of tier 3 the account must be cleared for all
    ``compartments`` she is in; when these are not known (None), for all there are. ``restricted``: her processing is
    restricted, and she is shown to whoever reaches such records, and to nobody else.
    """
    if restricted:
        return Sight.FULL if scope(principal, "beneficiary.read").restricted else Sight.NONE
    strict = tier not in (1, 2)
    if strict and not cleared(principal, compartments):
        return Sight.NONE
    sights = set()
    for grant in principal.grants:
        if grant.role in PEOPLE:
            sight, reach = PEOPLE[grant.role][2 if strict else tier - 1]
            if reach is ALL or (assigned if reach is ASSIGNED else grant.covers(village)):
                sights.add(sight)
    return next((sight for sight in (Sight.FULL, Sight.MASKED) if sight in sights), Sight.NONE)


def cleared(principal: Principal, compartments: frozenset[str] | None) -> bool:
    """Whether an account may open what is strictly restricted in ``compartments``; in none named means for another
    reason, unknown (None) means all there are."""
    needed = ALL_COMPARTMENTS if compartments is None else compartments or frozenset({OTHER})
    return needed <= principal.clearances


def hidden_from(principal: Principal, *counted: Sight) -> int:
    """The lowest tier of people who do not exist for an account, because none of its roles may ever see one of them; 4
    when there is none. It learns neither of them nor of their cases and referrals. With `Sight.COUNTED` those are left
    out who may stand in a count."""
    roles = [PEOPLE[grant.role] for grant in principal.grants if grant.role in PEOPLE]
    if not roles:  # sees nobody, and reads of a referral what is not strict
        return 3
    unseen = [(sight, ALL) for sight in (Sight.NONE, Sight.COUNTED) if sight not in counted]
    return next((tier for tier in (1, 2, 3) if all(role[tier - 1] in unseen for role in roles)), 4)


def either(ways: list[str]) -> str:
    """SQL that holds when one of these conditions does; as simple as it can be, since that is asked about."""
    return ways[0] if len(ways) == 1 else f"({' OR '.join(ways)})" if ways else "1 = 0"
