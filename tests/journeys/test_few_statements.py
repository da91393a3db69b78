"""Every page there is asks the databases little, whoever opens it: somebody with every role, who sees most, and a
supervisor, from whom those are kept whose processing is restricted. So does a page that is put back to a past position, and
a report of a period beside what was reported earlier.

Counted is what a page puts to the log, the keys and the views on SQLite when it is opened again: also its entry in the
reading trail, where it opens something protected. Not counted are BEGIN and COMMIT, the note once a minute that a token is
in use, and folding what is new into the views, which whoever reads next does for all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from service import access_tokens
from service import office as one_office
from tests.bench.pages import QUERIES, Statements
from tests.journeys.sown import Sown, every_page
from tests.service.offices import VILLAGE, Asking

TEXTS = ["Ibu Rahma di Dusun Tiga", "Sering menangis sejak rumahnya runtuh."]
#: What shows the trail up to its last entry, and so folds the readings that no view has folded yet.
OF_THE_TRAIL = ("/jejak/pembacaan", "/warga/<id>/dibaca", "/pelindungan/permintaan/<id>/laporan")
MANY = 10**9
REPORTED_BEFORE = "/laporan?mulai=2026-03-01&sampai=2026-06-30&dilaporkan=2026-03-25"


def test_every_page_puts_few_statements_in_an_office_where_everything_was_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements, never = Statements(), MANY
    monkeypatch.setattr("sqlite3.connect", statements.connect)
    monkeypatch.setattr(access_tokens, "MINUTE", never)
    monkeypatch.setattr(one_office, "FOLD_EVERY", never)
    with monkeypatch.context() as patch:
        sown = Sown(tmp_path, TEXTS, patch, once=True)
    who, supervisor, reader = sown.one, Asking(sown.office, "supervisor"), sown.office.reader

    def opened(address: str, who: Asking = who) -> int:
        answer = who.client.get(address, headers={"Authorization": f"Bearer {who.token}", "Accept": "text/html"})
        return answer.status_code

    pages = every_page(sown.office, who, each=MANY)
    pages["/jejak/<id>"].append(f"/jejak/{VILLAGE}")
    pages["/laporan"].append(REPORTED_BEFORE)
    then = reader.head()[0]
    above, entries, protected = {}, 0, f"/kasus/{_case_of_a_protected_person(sown)}"
    for rule, addresses in pages.items():
        for address in (*addresses, *(_put_back(one, then) for one in addresses)):
            assert opened(address) < 500, address
            seen = reader.head()[0]
            opened(protected)
            assert reader.head()[0] > seen, "a reading that no view has folded"
            if rule in OF_THE_TRAIL:
                sown.office.views.catch_up(bounded=False)
            before = reader.head()[0]
            count = statements.of(lambda address=address: opened(address))  # type: ignore[misc]  # bound in the loop
            entries += reader.head()[0] - before
            if count > QUERIES:
                above[address] = statements.said
        opened(addresses[-1], supervisor)
        if rule in OF_THE_TRAIL:
            sown.office.views.catch_up(bounded=False)
        if statements.of(lambda address=addresses[-1]: opened(address, supervisor)) > QUERIES:  # type: ignore[misc]
            above[f"{rule} of a supervisor"] = statements.said
    assert above == {}
    assert sum(map(len, pages.values())) > 300
    assert entries > 60, "many of these open something protected, and their entries are counted"


def _put_back(address: str, position: int) -> str:
    return f"{address}{'&' if '?' in address else '?'}posisi={position}"


def _case_of_a_protected_person(sown: Sown) -> str:
    with sown.office.views.at() as view:
        found = view.rows("SELECT c.key FROM {cases} c WHERE c.tier > 1 AND c.story IS NOT NULL ORDER BY c.key")
    return str(found[0]["key"])
