"""A sample of closed cases: the same for the same seed whoever draws, within her reach, and nobody is opened for it."""

from collections.abc import Callable

import pytest

from service.api.cases_sampled import draws
from service.office import Office
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_cases import DAY, opened

AT = "/api/v1/cases/sample"
Client = Callable[[str], Asking]


def closed(office: Office, worker: Asking, tier: int = 1) -> str:
    case = opened(office, worker, tier=tier)
    worker.done(f"/api/v1/cases/{case}/closure", {"reason": "pindah_wilayah", "outcome": "sebagian", "on": DAY})
    if tier == 3:
        Asking(office, "supervisor").done(f"/api/v1/cases/{case}/closure-approval", {"on": DAY})
    return case


def test_a_seed_draws_the_same_closed_cases_for_everybody_who_reads_them(office: Office, client: Client) -> None:
    worker = client("tksk")
    opened(office, worker)
    cases = sorted(closed(office, worker) for _ in range(9))
    drawn = worker.data(AT, seed="undian Inspektorat", count=4)
    assert drawn["size"] == 9, "not the one that runs"
    places = [one["place"] for one in drawn["drawn"]]
    assert places == draws("undian Inspektorat", 9, 4)
    assert [one["id"] for one in drawn["drawn"]] == [cases[place - 1] for place in places]
    assert client("supervisor").data(AT, seed="undian Inspektorat", count=4) == drawn
    assert worker.data(AT, seed="lain", count=4) != drawn
    everything = worker.data(AT, seed="x", count=100)["drawn"]
    assert sorted(one["id"] for one in everything) == cases, "no more than there are, and none twice"
    assert worker.get(AT, seed="x", count=101).status_code == 422


def test_a_sample_ends_where_reach_ends_and_can_be_drawn_again_later(office: Office, client: Client) -> None:
    worker, elsewhere = client("tksk"), Asking(office, "tksk", ("75.01.03",))
    first = closed(office, worker)
    before = office.reader.head()[0]
    protected = closed(office, client("peksos"), tier=3)
    assert elsewhere.data(AT, seed="x") == {"size": 0, "drawn": []}
    assert not VILLAGE.startswith("75.01.03")
    peksos = client("peksos").data(AT, seed="x")["drawn"]
    assert protected in {one["id"] for one in peksos}
    assert [one["id"] for one in worker.data(AT, seed="x")["drawn"]] == [first], "not whom she knows nothing of"
    closed(office, worker)
    assert worker.data(AT, seed="x")["size"] == 2
    assert worker.data(AT, seed="x", as_of=before)["size"] == 1


@pytest.mark.parametrize("size", [0, 1, 2, 257])
def test_draws_are_different_places_within_the_size(size: int) -> None:
    found = draws("benih", size, 300)
    assert sorted(found) == list(range(1, size + 1))
    assert draws("benih", size, 2) == found[:2]
