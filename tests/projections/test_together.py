"""Several questions put to the views in one statement are answered as if they were put one by one."""

from projections.engine import Views
from projections.together import Question, several, whole
from tests.projections.market import Ledger, closed, emptied, goods, opened, stalls, stocked, visited_by

QUESTIONS = {
    "stalls": whole(stalls, "s WHERE s.key = :key"),
    "goods": whole(goods, "g WHERE g.stall = :key ORDER BY g.count DESC, g.key"),
    "visits": Question(("visitor AS who", "day"), "FROM {visits} WHERE stall = :key ORDER BY day, visitor"),
}


def test_questions_put_together_are_answered_as_one_by_one(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a", name='Kios "Ibu" é'), opened("b"), stocked("b"))
    ledger.write(*(stocked("a", name, count) for name, count in (("beras", 4), ("ikan", 9), ("kopi", 4))))
    ledger.write(visited_by("a", "Zaid", day=1), visited_by("a", "Ana", day=2), visited_by("a", "Budi", day=1))
    ledger.write(emptied("a", "ikan"), closed("a"))
    for moment, kinds in ((None, 2), (9, 3), (3, 0)):
        with views.at(moment) as view:
            told = several(view, QUESTIONS, key="a")
            alone = (f"SELECT {', '.join(asked.columns)} {asked.rest}" for asked in QUESTIONS.values())
            assert list(told.values()) == [view.rows(sql, key="a") for sql in alone]
            assert len(told["stalls"]) == 1
            assert len(told["goods"]) == kinds


def test_a_question_that_finds_nothing_is_answered_with_no_rows(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"))
    with views.at() as view:
        assert several(view, QUESTIONS, key="c") == {"stalls": [], "goods": [], "visits": []}


def test_what_is_asked_of_both_parts_of_a_past_moment_finds_the_rows_of_that_moment(
    views: Views, ledger: Ledger
) -> None:
    ledger.write(opened("a"), *(stocked("a", name, 4) for name in ("beras", "ikan", "kopi")))
    ledger.write(emptied("a", "ikan"), stocked("a", "kopi", 9), stocked("a", "gula", 1))
    sql = "SELECT key, count FROM {goods%s} g WHERE g.stall = :key ORDER BY key"
    with views.at(4) as view:
        found = view.first(lambda part: part.rows(sql % ":all", key="a"), lambda row: row["key"], 10)
        counted = "SELECT count, COUNT(*) AS n FROM {goods:all} WHERE stall = :key GROUP BY count"
        assert found == view.rows(sql % "", key="a")
        assert len(found) == 3
        assert view.grouped(lambda part: part.rows(counted, key="a"), "count") == [{"count": 4, "n": 3}]
