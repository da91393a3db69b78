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
