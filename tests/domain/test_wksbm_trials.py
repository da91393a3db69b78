"""Random lives of a WKSBM: whatever is decided, corrected or retracted, the rules hold and the history is readable."""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from domain.aggregate import Event
from domain.correction import Corrected
from domain.sealed import Evidence
from domain.wksbm import BoardMember, Wksbm
from domain.wksbm_papers import PAPERS, named, proves, seen, wanted
from domain.wksbm_state import Step
from tests.domain.trials import DAYS, Life, RecordProperty, trial

KINDS_OF_PAPER = st.sampled_from(["sk", "berita_acara", "daftar_hadir", "susunan_pengurus", *PAPERS.on(date.max).codes])
PAPER = st.builds(
    Evidence,
    kind=KINDS_OF_PAPER,
    number=st.sampled_from([None, "7/2020"]),
    dated=st.sampled_from([None, "2020-01-02"]),
    file=st.sampled_from([None, "f"]),
)
PAPERS_GIVEN = st.lists(PAPER, max_size=3).map(tuple)
KPS = st.sampled_from(["k1", "k2"])
YEARS = st.integers(-1, 6)
WORK = ["joins", "leaves", "raises", "gives", "sleeps", "wakes", "reports", "ends"]
COUNT = st.none() | st.integers(-1, 60)
MEMBER = st.builds(
    BoardMember, office=st.sampled_from(["ketua", "sekretaris", "bendahara", "raja"]), name=st.sampled_from(["", "Ani"])
)
FULL_BOARD = (BoardMember(office="ketua", name="Ani"), BoardMember(office="sekretaris", name="Budi"))
BOARD = st.just(FULL_BOARD) | st.lists(MEMBER, max_size=3).map(tuple)


class WksbmLife(Life):
    """Invariants:

    - forming only after a deliberation with attendance, an SK only with nothing missing, nothing after dissolution;
    - dissolution only with its decision;
    - the stage, the members and the money are those of the facts that stand;
    - a step counts as unproven exactly until papers that stand have proven it.
    """

    @initialize(on=DAYS, far=st.booleans(), evidence=PAPERS_GIVEN)
    def initiate(self, on: date, far: bool, evidence: tuple[Evidence, ...]) -> None:
        self.decide(
            lambda: Wksbm.initiate("w1", on=on, village="75.01.02.2011", name="WKSBM Huyula", evidence=evidence)
        )
        if far:
            self.deliberate(on, 40, evidence)
            self.form(on, ())
            self.appoint(on, FULL_BOARD, 5, ())

    @rule(on=DAYS, attendance=COUNT, evidence=PAPERS_GIVEN)
    def deliberate(self, on: date, attendance: int | None, evidence: tuple[Evidence, ...]) -> None:
        self.decide(lambda: self.aggregate.hold_deliberation(on=on, attendance=attendance, evidence=evidence))

    @rule(on=DAYS, evidence=PAPERS_GIVEN)
    def form(self, on: date, evidence: tuple[Evidence, ...]) -> None:
        self.decide(lambda: self.aggregate.form(on=on, evidence=evidence))

    @rule(on=DAYS, members=BOARD, years=YEARS, evidence=PAPERS_GIVEN)
    def appoint(self, on: date, members: tuple[BoardMember, ...], years: int, evidence: tuple[Evidence, ...]) -> None:
        until = on + timedelta(days=365 * years)
        self.decide(
            lambda: self.aggregate.appoint_board(
                on=on, members=members, term_from=on, term_until=until, evidence=evidence
            )
        )

    @rule(on=DAYS, late=st.integers(-2, 400), number=st.sampled_from(["", "1", "2", "3"]), evidence=PAPERS_GIVEN)
    def ratify(self, on: date, late: int, number: str, evidence: tuple[Evidence, ...]) -> None:
        dated = on - timedelta(days=late)
        self.decide(
            lambda: self.aggregate.ratify(
                on=on,
                number=number,
                dated=dated,
                signatory="Hasan Pakaya",
                signatory_post="kepala_desa",
                term_until=on + timedelta(days=1000),
                evidence=evidence,
            )
        )

    @precondition(lambda self: self.aggregate is not None and self.aggregate.boards)
    @rule(data=st.data())
    def ratify_a_sitting_board(self, data: st.DataObject) -> None:
        board = data.draw(st.sampled_from(list(self.aggregate.boards.values())))
        self.decide(
            lambda: self.aggregate.ratify(
                on=board.term_from,
                number=f"{len(self.events)}/2020",
                dated=board.term_from,
                signatory="Hasan Pakaya",
                signatory_post="lurah",
                term_until=board.term_from + timedelta(days=1825),
            )
        )

    @rule(on=DAYS, does=st.sampled_from(WORK), count=st.integers(-1, 60), kps=KPS)
    def work(self, on: date, does: str, count: int, kps: str) -> None:
        wksbm = self.aggregate
        self.decide(
            {
                "joins": lambda: wksbm.join_kps(on=on, kps=kps),
                "leaves": lambda: wksbm.leave_kps(on=on, kps=kps),
                "raises": lambda: wksbm.raise_funds(on=on, amount=count, origin="iuran"),
                "gives": lambda: wksbm.distribute_funds(on=on, amount=count, purpose="pangan", beneficiaries=1),
                "sleeps": lambda: wksbm.find_dormant(on=on, signals=("tanpa_kegiatan",)),
                "wakes": lambda: wksbm.reactivate(on=on),
                "reports": lambda: wksbm.report_activity(on=on, kind="rapat", participants=count),
                "ends": lambda: wksbm.end_board_term(on=on),
            }[does]
        )

    @precondition(lambda self: len(self.events) > 6)
    @rule(on=DAYS, evidence=PAPERS_GIVEN | st.just((Evidence(kind="sk", file="f"),)))
    def dissolve(self, on: date, evidence: tuple[Evidence, ...]) -> None:
        self.decide(lambda: self.aggregate.dissolve(on=on, reason="musyawarah", evidence=evidence))

    @rule(data=st.data(), on=DAYS, evidence=PAPERS_GIVEN)
    def bring_papers(self, data: st.DataObject, on: date, evidence: tuple[Evidence, ...]) -> None:
        target = data.draw(st.sampled_from([*self.aggregate.unproven, 1]))
        self.decide(lambda: self.aggregate.provide_evidence(on=on, target=target, evidence=evidence))

    @precondition(lambda self: self.aggregate.unproven)
    @rule(data=st.data(), on=DAYS)
    def bring_a_right_paper(self, data: st.DataObject, on: date) -> None:
        target, reported = data.draw(st.sampled_from(list(self.aggregate.unproven.items())))
        kind = data.draw(st.sampled_from(sorted(wanted(reported.step))))
        papers = (Evidence(kind=kind, file="f"),)
        self.decide(lambda: self.aggregate.provide_evidence(on=on, target=target, evidence=papers))

    def was_allowed(self, event: Event, before: Wksbm | None) -> None:
        if isinstance(event, Step):
            assert event.unproven == (not proves(event.topic, seen(event.evidence)))
            assert before is None or not before.dissolved
        if before is None:
            assert isinstance(event, Wksbm.Initiated)
        elif isinstance(event, Wksbm.Formed):
            assert before.deliberated
            assert not before.formed
        elif isinstance(event, Wksbm.Ratified):
            assert before.missing_for_ratification(on=event.dated) == ()
            assert event.number.strip()
            assert event.dated <= event.on
            assert event.dated < event.term_until
        elif isinstance(event, Wksbm.BoardAppointed):
            assert {"ketua", "sekretaris"} <= {member.office for member in event.members if member.name}
            assert event.term_from < event.term_until
        elif isinstance(event, Wksbm.Dissolved):
            assert proves(event.topic, named(event.evidence))
        elif isinstance(event, Wksbm.KpsJoined | Wksbm.KpsLeft):
            assert (event.kps in before.kps) == isinstance(event, Wksbm.KpsLeft)

    @precondition(Life.has_begun)
    @invariant()
    def the_stage_is_what_the_facts_say(self) -> None:
        happened = {fact.topic for fact in self.facts()}
        if "wksbm.dissolved" in happened:
            stage = "dibubarkan"
        elif "wksbm.formed" not in happened:
            stage = "dirintis"
        else:
            stage = "sah" if "wksbm.ratified" in happened else "terbentuk"
        assert self.aggregate.stage == stage

    @precondition(Life.has_begun)
    @invariant()
    def the_money_is_the_sum_of_what_was_recorded(self) -> None:
        facts = self.facts()
        assert self.aggregate.funds_raised == sum(f.amount for f in facts if isinstance(f, Wksbm.FundsRaised))
        assert self.aggregate.funds_distributed == sum(f.amount for f in facts if isinstance(f, Wksbm.FundsDistributed))

    @precondition(Life.has_begun)
    @invariant()
    def a_step_is_unproven_until_its_papers_came(self) -> None:
        facts = self.facts()
        waiting = {fact.version: fact for fact in facts if isinstance(fact, Step) and fact.unproven}
        assert set(self.aggregate.unproven) <= set(waiting)
        for version in waiting.keys() - self.aggregate.unproven.keys():
            brought = [fact for fact in facts if isinstance(fact, Wksbm.EvidenceProvided) and fact.target == version]
            assert any(fact.proven for fact in brought)

    @precondition(Life.has_begun)
    @invariant()
    def what_counts_as_proven_has_its_papers(self) -> None:
        facts = self.facts()
        brought = [fact for fact in facts if isinstance(fact, Wksbm.EvidenceProvided)]
        corrected = {event.target for event in self.events if isinstance(event, Corrected)}
        for step in facts:
            if isinstance(step, Step) and step.version not in self.aggregate.unproven:
                later = [fact for fact in brought if fact.target == step.version]
                kinds = seen(step.evidence).union(*(seen(fact.evidence) for fact in later))
                said_otherwise = corrected & {step.version, *(fact.version for fact in brought)}
                assert said_otherwise or proves(step.topic, kinds)


def test_no_sequence_of_decisions_breaks_the_life_of_a_wksbm(record_property: RecordProperty) -> None:
    trial(WksbmLife, record_property)
