"""Figures over HTTP: a definition for everybody, a count for whoever sees the board, rows for whoever may see them."""

import base64
from collections.abc import Callable

from projections.figures import FIGURES
from service.office import Office
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_boards import ratified
from tests.service.test_api_cases import opened
from tests.service.test_api_referrals import sending
from tests.service.test_api_wksbm import NEXT_DOOR
from tests.service.test_review_past import tightened

Client = Callable[[str], Asking]
FIGURES_AT = "/api/v1/figures"
TIER = f"{FIGURES_AT}/board.people.tier_"


def test_every_figure_is_listed_with_its_definition(client: Client) -> None:
    listed = client("mitra").data(FIGURES_AT)
    assert [one["figure"] for one in listed] == list(FIGURES)
    assert all(one["definition"].endswith(".") for one in listed)


def test_who_sees_no_board_gets_the_definition_alone(client: Client, office: Office) -> None:
    person(office)
    told = client("admin").data(f"{TIER}1", village=VILLAGE)
    assert told["definition"] == FIGURES["board.people.tier_1"].definition
    assert (told["count"], told["rows"]) == (None, [])
    assert client("admin").get(f"{TIER}1/events", village=VILLAGE, row="x").status_code == 404


def test_rows_are_of_those_whom_the_asker_may_see(client: Client, office: Office) -> None:
    elder, victim = person(office), person(office, tier=3)
    for role, tier, id, shown in (
        ("kades", 1, elder, True),
        ("auditor", 1, elder, True),
        ("peksos", 1, elder, False),
        ("supervisor", 3, victim, True),
    ):
        told = client(role).data(f"{TIER}{tier}", village=VILLAGE)
        assert told["count"] == 1
        assert [row["key"] for row in told["rows"]] == ([id] if shown else []), (role, tier)
        assert told["left_out"] == 1 - len(told["rows"])
        events = client(role).get(f"{TIER}{tier}/events", village=VILLAGE, row=id)
        assert events.status_code == (200 if shown else 404)


def test_rows_are_named_as_the_lists_name_them_whatever_they_are_asked_about(client: Client, office: Office) -> None:
    worker = client("tksk")
    case = opened(office, worker)
    for role in ("supervisor", "tksk", "auditor"):
        who = client(role)
        for figure, of in (("board.people.tier_1", "/api/v1/beneficiaries"), ("board.open_cases", "/api/v1/cases")):
            [row] = who.data(f"{FIGURES_AT}/{figure}")["rows"]
            [listed] = who.data(of)
            assert (row["person"], row["sight"]) == (listed["person"], listed["sight"]), (role, figure)
    assert row["key"] == case
    assert client("supervisor").data(f"{FIGURES_AT}/board.open_cases")["rows"][0]["person"]["name"] == "Warga Uji"
    assert "person" not in client("supervisor").data(f"{FIGURES_AT}/board.villages")["rows"][0]


def test_a_row_of_somebody_who_is_hidden_has_no_name(client: Client, office: Office) -> None:
    case = opened(office, client("tksk"), tier=2)
    told = client("auditor").data(f"{FIGURES_AT}/board.open_cases")
    assert [row["key"] for row in told["rows"]] == [case]
    assert "Warga Uji" not in str(told)


def test_who_is_not_cleared_gets_no_row_of_the_strictly_restricted_and_no_word_of_how_many(
    client: Client, office: Office
) -> None:
    victim = person(office, tier=3)
    for role in ("auditor", "kepala_dinas"):
        told = client(role).data(f"{TIER}3", village=VILLAGE)
        assert (told["count"], told["rows"], told["left_out"]) == (0, [], None)  # of the last month end
        assert client(role).get(f"{TIER}3/events", village=VILLAGE, row=victim).status_code == 404


def test_a_cursor_tells_nothing_of_a_row_left_out_and_is_good_for_its_own_list_alone(
    client: Client, office: Office
) -> None:
    worker, head = client("peksos"), client("kepala_dinas")
    hidden = [opened(office, worker, tier=3) for _ in range(2)]
    path = f"{FIGURES_AT}/board.open_cases"
    page = head.get(path, village=VILLAGE, limit=1).get_json()
    assert (page["data"]["count"], page["data"]["rows"], page["data"]["left_out"]) == (2, [], 1)
    cursor = page["next_cursor"]
    readable = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert not any(case.encode() in readable for case in hidden)
    assert head.data(path, village=VILLAGE, limit=1, cursor=cursor)["left_out"] == 1
    for other, text in ((f"{TIER}1", cursor), (path, cursor[:-4] + "AAAA"), (path, "A" * 8)):
        assert head.get(other, village=VILLAGE, cursor=text).status_code == 422


def test_a_count_of_the_past_shows_rows_by_the_rights_of_today(client: Client, office: Office) -> None:
    she = person(office)
    kades, head = client("kades"), client("kepala_dinas")
    assert [row["key"] for row in kades.data(f"{TIER}1", village=VILLAGE)["rows"]] == [she]
    before = tightened(office, she)
    for asking, count in ((head, 1), (kades, 0)):  # for the village she does not exist, then or now
        then = asking.data(f"{TIER}1", village=VILLAGE, as_of=before)
        assert (then["count"], then["rows"], then["left_out"]) == (count, [], count)
    assert kades.get(f"{TIER}1/events", village=VILLAGE, as_of=before, row=she).status_code == 404
    assert kades.data(f"{TIER}1", village=VILLAGE)["count"] == 0


def test_a_strict_type_stands_in_no_row_and_no_event(client: Client, office: Office) -> None:
    opened(office, client("peksos"), tier=3)
    for role in ("supervisor", "auditor", "peksos"):
        for name in ("board.people.tier_3", "board.open_cases"):
            page = client(role).get(f"{FIGURES_AT}/{name}", village=VILLAGE)
            told = page.get_json()["data"]
            assert told["count"] == (0 if (role, name) == ("auditor", "board.people.tier_3") else 1)
            texts = page.get_data(as_text=True)
            for row in told["rows"]:
                texts += client(role).get(row["events"]).get_data(as_text=True)
            assert "kekerasan" not in texts
    # An auditor learns that there is a case and that something was recorded, no more.
    (row,) = client("auditor").data(f"{FIGURES_AT}/board.open_cases", village=VILLAGE)["rows"]
    assert {one["topic"] for one in client("auditor").data(row["events"])} == {"case"}


def test_a_count_ends_where_the_board_of_the_asker_ends(client: Client, office: Office) -> None:
    ratified(client("supervisor"))
    neighbour = Asking(office, "kades", (NEXT_DOOR,))
    assert client("kades").data(f"{FIGURES_AT}/board.wksbm")["count"] == 1
    for name in ("board.wksbm", "coverage.sah.villages"):
        assert neighbour.data(f"{FIGURES_AT}/{name}", on="2020-01-01")["count"] == 0
        assert neighbour.data(f"{FIGURES_AT}/{name}", on="2020-01-01", village=VILLAGE)["count"] == 0
    assert neighbour.data(f"{FIGURES_AT}/board.villages")["count"] == 1


def test_rows_that_add_nothing_take_no_place_on_a_page(client: Client, office: Office) -> None:
    worker = client("tksk")
    _, last = sorted(opened(office, worker) for _ in range(2))
    worker.done(f"/api/v1/cases/{last}/referrals", sending())
    told = client("supervisor").data(f"{FIGURES_AT}/caseload.open_referrals", limit=1)
    assert told["count"] == 1
    assert [(row["key"], row["weight"]) for row in told["rows"]] == [(last, 1)]


def test_a_figure_is_asked_what_it_takes_and_nothing_else(client: Client) -> None:
    who = client("supervisor")
    assert who.get(f"{FIGURES_AT}/board.nothing").status_code == 404
    for name, query in (
        ("wksbm.activities", {}),
        ("board.wksbm", {"worker": "-"}),
        ("caseload.open", {"village": VILLAGE}),
        ("period.activities", {"begin": "2026-02-01", "end": "2026-01-01"}),
        ("board.wksbm", {"cursor": "YWFh"}),
    ):
        assert who.get(f"{FIGURES_AT}/{name}", **query).status_code == 422, name
