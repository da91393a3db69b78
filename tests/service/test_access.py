"""The policy table, cell by cell, against a table written independently of it, from the role matrix of the field."""

import sqlite3
from datetime import date

import pytest

from domain.account import ROLES, Grant
from service.access import ACTIONS, PEOPLE, POLICY, Principal, Scope, Sight, allowed, scope, sees

DAY = date(2025, 3, 1)
HERE, NEAR, AWAY = "75.01.02.2001", "75.01.02.2002", "75.01.04.2003"
KECAMATAN = "75.01.02"
ME, OTHER = "me", "other"
ROLE_CODES = tuple(ROLES.versions[-1].codes)


def principal(*roles: str, areas: tuple[str, ...] = (KECAMATAN,)) -> Principal:
    grants = tuple(Grant(f"g-{role}", role, f"Jabatan {role}", areas, DAY) for role in roles)
    return Principal(ME, "saya", "Saya", grants, DAY)


# Columns in this order. L everything, W in the area, T assigned to her (or to nobody, in the area), B recorded by her,
# D sent to her, - nothing.
COLUMNS = [
    "pengurus_wksbm",
    "kades",
    "psm",
    "tksk",
    "peksos",
    "supervisor",
    "kepala_dinas",
    "mitra",
    "auditor",
    "admin",
    "dpo",
]
EXPECTED = """
territory.read        L   L   L   L   L   L   L   L   L   L   L
territory.record      -   -   -   -   -   L   -   -   -   L   -
territory.amend       -   -   -   -   -   L   -   -   -   L   -
board.read            W   W   W   W   L   L   L   -   L   -   -
figure.read           L   L   L   L   L   L   L   L   L   L   L
wksbm.read            W   W   W   W   L   L   L   -   L   -   -
wksbm.record          W   W   -   W   -   L   -   -   -   -   -
kps.read              W   W   W   W   L   L   L   -   L   -   -
kps.record            W   W   -   W   -   L   -   -   -   -   -
psks.read             W   W   W   W   L   L   L   -   L   -   -
psks.record           W   W   -   W   -   L   -   -   -   -   -
indicator.read        W   W   W   W   L   L   L   -   L   -   -
indicator.record      -   -   -   -   -   L   L   -   -   -   -
indicator.set         -   -   -   -   -   L   L   -   -   -   -
beneficiary.read      W   W   W   W   TB  L   L   -   L   -   -
beneficiary.record    B   -   W   W   TB  -   -   -   -   -   -
beneficiary.identify  W   W   W   W   TB  L   L   -   -   -   -
search.people         W   W   W   W   WTB L   L   -   L   -   -
case.read             -   -   T   T   WT  L   -   -   L   -   -
case.open             -   -   T   T   WT  -   -   -   -   -   -
case.record           -   -   T   T   WT  -   -   -   -   -   -
case.approve          -   -   -   -   -   L   -   -   -   -   -
case.assign           -   -   -   -   -   L   -   -   -   -   -
referral.read         B   W   W   W   WT  L   L   D   L   -   -
referral.record       B   -   W   W   WT  -   -   -   -   -   -
referral.answer       -   -   -   -   -   -   -   D   -   -   -
incident.read         W   W   W   W   L   L   L   -   L   -   -
incident.record       -   W   W   W   W   L   -   -   -   -   -
record.correct        B   B   B   B   TB  L   -   -   -   -   -
record.retract        B   B   B   B   B   L   -   -   -   -   -
file.upload           L   L   L   L   L   L   L   L   -   L   -
file.read             B   W   TB  TB  WT  L   -   -   -   -   -
account.read          -   -   -   -   -   L   -   -   L   L   L
account.manage        -   -   -   -   -   -   -   -   -   L   -
account.grant         -   -   -   -   -   -   -   -   -   L   -
retention.read        -   -   -   -   -   L   L   -   L   -   L
retention.record      -   -   -   -   -   -   L   -   -   -   L
hold.record           -   -   -   -   -   L   L   -   -   -   L
destruction.read      -   -   -   -   -   L   L   -   L   -   L
destruction.propose   -   -   -   -   -   L   -   -   -   -   L
destruction.decide    -   -   -   -   -   L   L   -   -   -   L
events.read           -   -   -   -   -   -   -   -   L   L   -
replay.read           -   -   -   -   -   L   -   -   L   -   -
emergency.open        -   -   -   W   L   L   L   -   -   -   -
emergency.review      -   -   -   -   -   L   L   -   -   -   -
emergency.read        -   -   -   B   B   L   L   -   L   -   L
reading.read          -   -   -   -   -   L   -   -   L   -   L
views.rebuild         -   -   -   -   -   -   -   -   -   L   -
metrics.read          -   -   -   -   -   -   -   -   -   L   -
"""
CELLS = [
    (action, role, cell)
    for action, *cells in (line.split() for line in EXPECTED.strip().splitlines())
    for role, cell in zip(COLUMNS, cells, strict=True)
]
# The things an action may meet: village, worker, recorded by, sent to; and which letters reach them from KECAMATAN.
THINGS: list[tuple[tuple[str | None, str | None, str | None, str | None], str]] = [
    ((HERE, OTHER, OTHER, None), "W"),
    ((HERE, None, OTHER, None), "WT"),
    ((HERE, OTHER, ME, None), "WB"),
    ((HERE, ME, OTHER, None), "WT"),
    ((HERE, OTHER, OTHER, ME), "WD"),
    ((AWAY, OTHER, OTHER, None), ""),
    ((AWAY, None, OTHER, None), ""),
    ((AWAY, OTHER, ME, None), ""),
    ((AWAY, ME, OTHER, None), "T"),
    ((AWAY, OTHER, OTHER, ME), "D"),
    ((None, OTHER, OTHER, None), ""),
    ((None, None, ME, None), ""),
    ((None, ME, OTHER, None), "T"),
]


def test_the_expectation_names_every_action_and_every_role() -> None:
    assert {action for action, _, _ in CELLS} == ACTIONS == set(POLICY)
    assert set(COLUMNS) == set(ROLE_CODES)
    assert {role for cells in POLICY.values() for role in cells} | set(PEOPLE) <= set(ROLE_CODES)


@pytest.mark.parametrize(("action", "role", "cell"), CELLS, ids=[f"{a}-{r}" for a, r, _ in CELLS])
def test_every_cell_reaches_what_the_office_expects(action: str, role: str, cell: str) -> None:
    who = principal(role)
    assert scope(who, action).empty == (cell == "-")
    for (village, worker, by, to), letters in THINGS:
        expected = cell == "L" or bool(set(cell) & set(letters))
        assert allowed(who, action, village=village, worker=worker, by=by, to=to) == expected, (village, worker, by, to)


@pytest.mark.parametrize(("action", "role", "cell"), CELLS, ids=[f"{a}-{r}" for a, r, _ in CELLS])
@pytest.mark.parametrize("areas", [(KECAMATAN,), (HERE, "75.01.04"), ()])
def test_a_list_holds_exactly_what_is_allowed_one_by_one(
    action: str, role: str, cell: str, areas: tuple[str, ...]
) -> None:
    who = principal(role, areas=areas)
    table = sqlite3.connect(":memory:")
    table.execute("CREATE TABLE things (number, village, worker, recorder, partner)")
    things = [*THINGS, ((NEAR, None, OTHER, None), "")]
    table.executemany("INSERT INTO things VALUES (?, ?, ?, ?, ?)", [(n, *thing) for n, (thing, _) in enumerate(things)])
    where, values = scope(who, action).where("village", worker="worker", by="recorder", to="partner")
    listed = {row[0] for row in table.execute(f"SELECT number FROM things WHERE {where}", values)}
    table.close()
    assert listed == {
        number
        for number, ((village, worker, by, to), _) in enumerate(things)
        if allowed(who, action, village=village, worker=worker, by=by, to=to)
    }
    assert (cell == "-") <= (not listed)


def test_a_list_without_a_column_for_the_worker_shows_nothing_by_assignment() -> None:
    assert scope(principal("psm"), "case.read").where("village") == ("1 = 0", {})


@pytest.mark.parametrize("action", ["", "case", "case.erase", "CASE.READ", "beneficiary.read "])
@pytest.mark.parametrize("role", ROLE_CODES)
def test_an_unknown_action_is_refused_to_everybody(role: str, action: str) -> None:
    who = principal(role, areas=())
    assert not allowed(who, action, village=HERE, worker=ME, by=ME, to=ME)
    assert scope(who, action).empty


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_an_account_without_a_role_or_with_an_unknown_one_may_do_nothing(action: str) -> None:
    for who in (principal(), principal("bupati", areas=())):
        assert scope(who, action) == Scope(ME)
        assert not allowed(who, action, village=HERE, worker=ME, by=ME, to=ME)


# F full, M masked, - nothing: here (own area), assigned away from it, and away without.
SIGHT = {
    "pengurus_wksbm": ("M--", "---", "---"),
    "kades": ("F--", "M--", "---"),
    "psm": ("F--", "-F-", "---"),
    "tksk": ("F--", "-F-", "---"),
    "peksos": ("-F-", "-F-", "-F-"),
    "supervisor": ("FFF", "FFF", "FFF"),
    "kepala_dinas": ("FFF", "MMM", "---"),
    "mitra": ("---", "---", "---"),
    "auditor": ("MMM", "MMM", "---"),
    "admin": ("---", "---", "---"),
    "dpo": ("---", "---", "---"),
}
LETTERS = {"F": Sight.FULL, "M": Sight.MASKED, "-": Sight.NONE}


def test_the_expected_sights_name_every_role() -> None:
    assert set(SIGHT) == set(ROLE_CODES)


@pytest.mark.parametrize("tier", [1, 2, 3])
@pytest.mark.parametrize("role", ROLE_CODES)
def test_every_role_sees_a_person_as_her_tier_allows(role: str, tier: int) -> None:
    who = principal(role)
    seen = [sees(who, tier, HERE, False), sees(who, tier, AWAY, True), sees(who, tier, AWAY, False)]
    assert seen == [LETTERS[letter] for letter in SIGHT[role][tier - 1]]


@pytest.mark.parametrize("role", [role for role in ROLE_CODES if role not in ("peksos", "supervisor")])
@pytest.mark.parametrize("tier", [0, 3, 4, -1])
def test_a_strictly_restricted_person_stays_hidden_from_all_but_two_roles(role: str, tier: int) -> None:
    assert sees(principal(role, areas=()), tier, HERE, True) is Sight.NONE


def test_with_two_roles_the_wider_sight_counts() -> None:
    assert sees(principal("pengurus_wksbm", "kades"), 1, HERE, False) is Sight.FULL
    assert sees(principal("pengurus_wksbm", "auditor"), 1, AWAY, False) is Sight.MASKED


def test_each_role_keeps_to_its_own_areas() -> None:
    grants = (
        Grant("g1", "kades", "Kepala Desa", (HERE,), DAY),
        Grant("g2", "psm", "PSM", ("75.01.04",), DAY),
    )
    who = Principal(ME, "saya", "Saya", grants, DAY)
    assert allowed(who, "wksbm.record", village=HERE)
    assert not allowed(who, "wksbm.record", village=AWAY)
    assert allowed(who, "beneficiary.record", village=AWAY)
    assert not allowed(who, "beneficiary.record", village=HERE)
    assert (who.post, who.roles) == ("Kepala Desa", {"kades", "psm"})
    assert (who.covers(AWAY), who.covers(AWAY, "kades"), who.covers(HERE, "kades")) == (True, False, True)
    assert who.villages_prefixes("board.read") == (HERE, "75.01.04")


def test_prefixes_of_villages_stand_for_everything_or_nothing() -> None:
    assert principal("supervisor").villages_prefixes("board.read") == ("",)
    assert principal("peksos", areas=()).villages_prefixes("incident.record") == ("",)
    assert principal("admin").villages_prefixes("board.read") == ()


def test_a_worker_for_the_whole_kabupaten_reaches_what_nobody_works_on_yet() -> None:
    who = principal("peksos", areas=())
    assert allowed(who, "beneficiary.read", village=AWAY)
    assert not allowed(who, "beneficiary.read", village=AWAY, worker=OTHER)
    assert allowed(who, "incident.record")


def test_an_account_without_a_grant_has_no_post() -> None:
    assert principal().post == ""
