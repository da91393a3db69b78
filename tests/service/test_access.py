"""The policy table, cell by cell, against a table written independently of it, from the role matrix of the field."""

import sqlite3
from datetime import date

import pytest

from domain import compartments
from domain.account import ROLES, Grant
from service import reach
from service.access import ACTIONS, PEOPLE, POLICY, Reach, Sight
from service.reach import Principal, Scope, allowed, cleared, hidden_from, scope, sees
from tests.trials.plugin import Trial

DAY = date(2025, 3, 1)
HERE, NEAR, AWAY = "75.01.02.2001", "75.01.02.2002", "75.01.04.2003"
KECAMATAN = "75.01.02"
ME, OTHER = "me", "other"
ROLE_CODES = tuple(ROLES.versions[-1].codes)


def principal(
    *roles: str, areas: tuple[str, ...] = (KECAMATAN,), clearances: frozenset[str] = compartments.ALL
) -> Principal:
    grants = tuple(Grant(f"g-{role}", role, f"Jabatan {role}", areas, DAY) for role in roles)
    return Principal(ME, "saya", "Saya", grants, DAY, clearances)


# Columns in this order. L everything, W in the area, T assigned to her (or to nobody, in the area), B recorded by her,
# D sent to her, R of people whose processing is restricted (which no other letter reaches), - nothing.
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
wksbm.register        -   -   -   -   -   L   -   -   -   -   -
kps.read              W   W   W   W   L   L   L   -   L   -   -
kps.record            W   W   -   W   -   L   -   -   -   -   -
psks.read             W   W   W   W   L   L   L   -   L   -   -
psks.record           W   W   -   W   -   L   -   -   -   -   -
indicator.read        W   W   W   W   L   L   L   -   L   -   -
indicator.record      -   -   -   -   -   L   L   -   -   -   -
indicator.set         -   -   -   -   -   L   L   -   -   -   -
beneficiary.read      W   W   W   W   TB  L   L   -   L   -   R
beneficiary.record    B   -   W   W   TB  -   -   -   -   -   R
search.people         W   W   W   W   WTB L   L   -   L   -   R
case.read             -   -   T   T   WT  L   -   -   L   -   R
case.open             -   -   T   T   WT  -   -   -   -   -   -
case.record           -   -   T   T   WT  -   -   -   -   -   R
case.approve          -   -   -   -   -   L   -   -   -   -   -
case.assign           -   -   -   -   -   L   -   -   -   -   -
referral.read         B   W   W   W   WT  L   L   D   L   -   R
referral.record       B   -   W   W   WT  -   -   -   -   -   R
referral.answer       -   -   -   -   -   -   -   D   -   -   -
incident.read         W   W   W   W   L   L   L   -   L   -   -
incident.record       -   W   W   W   W   L   -   -   -   -   -
record.correct        B   B   B   B   TB  L   -   -   -   -   R
record.retract        B   B   B   B   B   L   -   -   -   -   -
file.upload           L   L   L   L   L   L   L   L   -   L   -
file.read             B   W   TB  TB  WT  L   -   -   -   -   R
beneficiary.restrict  -   -   -   -   -   -   -   -   -   -   LR
consent.record        B   -   W   W   TB  L   -   -   -   -   LR
subject_request.open  -   -   W   W   L   L   -   -   -   -   LR
subject_request.read  -   -   -   -   -   -   -   -   -   -   L
subject_request.record -  -   -   -   -   -   -   -   -   -   LR
subject_request.report -  -   -   -   -   -   -   -   -   -   L
account.read          -   -   -   -   -   L   L   -   L   L   L
account.manage        -   -   -   -   -   -   -   -   -   L   -
account.grant         -   -   -   -   -   -   -   -   -   L   -
retention.read        -   -   -   -   -   L   L   -   L   -   L
retention.record      -   -   -   -   -   -   L   -   -   -   L
hold.record           -   -   -   -   -   L   L   -   -   -   L
destruction.read      -   -   -   -   -   L   L   -   L   -   L
destruction.propose   -   -   -   -   -   L   -   -   -   -   L
destruction.decide    -   -   -   -   -   L   L   -   -   -   L
account.clear         -   -   -   -   -   -   -   -   -   L   -
report.submit         W   -   W   -   -   -   -   -   -   -   -
account.reset         -   -   -   -   -   L   -   -   -   L   -
events.read           -   -   -   -   -   -   -   -   L   L   L
replay.read           -   -   -   -   -   L   -   -   L   -   -
emergency.open        -   -   -   W   L   L   L   -   -   -   -
emergency.review      -   -   -   -   -   L   L   -   -   -   -
emergency.read        -   -   -   B   B   L   L   -   L   -   L
reading.read          -   -   -   -   -   L   -   -   L   -   L
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
        expected = "L" in cell or bool(set(cell) & set(letters))
        assert allowed(who, action, village=village, worker=worker, by=by, to=to) == expected, (village, worker, by, to)
        reached = scope(who, action).includes(village, worker, by, to, restricted=True)
        assert reached == ("R" in cell), "restricted records are for whoever has that reach, and for nobody else"


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


@pytest.mark.parametrize("tier", [1, 2, 3])
@pytest.mark.parametrize("role", ROLE_CODES)
def test_a_restricted_person_is_shown_to_the_data_protection_officer_and_to_nobody_else(role: str, tier: int) -> None:
    who = principal(role, areas=())
    expected = Sight.FULL if role == "dpo" else Sight.NONE
    for assigned in (True, False):
        assert sees(who, tier, HERE, assigned, restricted=True) is expected


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
UNSEEN = {Sight.NONE, Sight.COUNTED}
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


# From which tier on nobody exists for a role, in lists and in counts; 4 for none.
HIDDEN = {
    "pengurus_wksbm": (2, 2),
    "kades": (3, 3),
    "psm": (3, 3),
    "tksk": (3, 3),
    "peksos": (4, 4),
    "supervisor": (4, 4),
    "kepala_dinas": (3, 4),
    "mitra": (3, 3),
    "auditor": (3, 4),
    "admin": (3, 3),
    "dpo": (3, 3),
}


@pytest.mark.parametrize("role", ROLE_CODES)
def test_of_whom_a_role_may_never_see_anybody_nobody_exists_for_it(role: str) -> None:
    assert (hidden_from(principal(role)), hidden_from(principal(role), Sight.COUNTED)) == HIDDEN[role]


@pytest.mark.parametrize("role", ["peksos", "supervisor"])
def test_a_strictly_restricted_person_is_shown_to_those_cleared_for_all_her_compartments(role: str) -> None:
    who = principal(role, clearances=frozenset({"anak", "kekerasan"}))
    for held, seen in (
        ({"anak"}, True),
        ({"anak", "kekerasan"}, True),
        ({"hiv"}, False),
        ({"anak", "hiv"}, False),
        ((), False),
        (None, False),
    ):
        compartments_of_her = None if held is None else frozenset(held)
        assert cleared(who, compartments_of_her) == seen
        for tier in (0, 3, 4):
            shown = sees(who, tier, HERE, True, compartments_of_her)
            assert shown is (Sight.FULL if seen else Sight.NONE), held
        assert sees(who, 2, HERE, True, compartments_of_her) is Sight.FULL
    assert cleared(principal(role, clearances=frozenset({"lainnya"})), frozenset())


def matrix_holds() -> bool:
    """Whether the tables, as they are at this moment, give what the office expects in every cell."""
    for action, role, cell in CELLS:
        who = principal(role)
        for (village, worker, by, to), letters in THINGS:
            expected = "L" in cell or bool(set(cell) & set(letters))
            if allowed(who, action, village=village, worker=worker, by=by, to=to) != expected:
                return False
        if scope(principal(role), action).restricted != ("R" in cell):
            return False
    for role in ROLE_CODES:
        who = principal(role)
        if (hidden_from(who), hidden_from(who, Sight.COUNTED)) != HIDDEN[role]:
            return False
        for tier in (1, 2, 3):
            seen = [sees(who, tier, HERE, False), sees(who, tier, AWAY, True), sees(who, tier, AWAY, False)]
            if seen != [LETTERS[letter] for letter in SIGHT[role][tier - 1]]:
                return False
    return True


@pytest.mark.trial
def test_dropping_adding_or_changing_any_rule_is_noticed(monkeypatch: pytest.MonkeyPatch, trial: Trial) -> None:
    """Every cell in turn: taken away where there is one, given where there is none, and made another; each is caught."""
    assert matrix_holds()
    tried = 0
    for action, cells in POLICY.items():
        for role in ROLE_CODES:
            others = [Reach.ALL, Reach.AREA, Reach.ASSIGNED, Reach.OWN, Reach.ADDRESSED, Reach.RESTRICTED]
            changed: list[Reach | None] = [cell for cell in others if cell != cells.get(role)]
            for cell in [*changed, None] if role in cells else changed[:1]:
                made = {**cells, role: cell} if cell is not None else {k: v for k, v in cells.items() if k != role}
                with monkeypatch.context() as patch:
                    patch.setattr(reach, "POLICY", {**POLICY, action: made})
                    assert not matrix_holds(), (action, role, cell)
                tried += 1
    for role, tiers in PEOPLE.items():
        for place in range(3):
            for sight in Sight:
                for how in (Reach.ALL, Reach.AREA, Reach.ASSIGNED):
                    if (sight, how) == tiers[place] or not {sight, tiers[place][0]} - UNSEEN:
                        continue
                    made_tiers = (*tiers[:place], (sight, how), *tiers[place + 1 :])
                    with monkeypatch.context() as patch:
                        patch.setattr(reach, "PEOPLE", {**PEOPLE, role: made_tiers})
                        assert not matrix_holds(), (role, place + 1, sight, how)
                    tried += 1
    trial.count(changed_rules=tried, noticed=tried)
    assert tried > 1300


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
