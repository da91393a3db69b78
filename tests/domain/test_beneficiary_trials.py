"""Random lives: no sequence of decisions breaks a rule, and no history becomes unreadable."""

import copy
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain import ppks
from domain.aggregate import ENVELOPE, Event
from domain.beneficiary import Beneficiary
from domain.correction import correct, effective, replay, retract
from domain.refusals import Refused
from domain.sealed import Sealed
from tests.domain.trials import RecordProperty, state, stored, trial

START = date(2026, 1, 5)
VILLAGES = ["75.01.02.2001", "75.01.03.2004"]
SECRET = Sealed(part="p")
IDS = ["b1", "b2", "b3", "f1"]
PEOPLE = st.sampled_from([*IDS, "b1", "b2"])
DAYS = st.integers(0, 40).map(lambda days: START + timedelta(days=days))
NAMES = st.sampled_from(["c1", "c2", "c3", "c4"])
TYPES = st.one_of(
    st.sampled_from(["pengemis", "fakir_miskin"]),
    st.sampled_from(["penyandang_disabilitas", "anak_telantar", "orang_dengan_hiv"]),
    st.integers(0, 9).map(lambda number: Sealed(part=f"type{number}")),
)
BORN_AFTER_DEATH = {
    "beneficiary.ppks_classified",
    "beneficiary.ppks_reclassified",
    "beneficiary.need_determined",
    "beneficiary.neglect_assessed",
    "beneficiary.institution_entered",
    "beneficiary.family_joined",
    "beneficiary.domicile_moved",
    "beneficiary.moved_out",
    "beneficiary.consent_given",
}
#: Rights that are never lost: also of a record that is linked to another.
ALWAYS = {"beneficiary.consent_withdrawn", "beneficiary.processing_restricted", "beneficiary.restriction_lifted"}
WITHDRAW = object()
ODD_VALUES: list[Any] = ["c1", "", 0, 3, True, None, ["fisik"], "2026-02-02", {"part": "x"}, "pengemis", "b2"]
AMENDMENTS = st.lists(
    st.tuples(st.integers(0, 100), st.integers(0, 20), st.sampled_from([WITHDRAW, WITHDRAW, WITHDRAW, *ODD_VALUES])),
    min_size=1,
    max_size=8,
)


class Lives(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.live: dict[str, Beneficiary] = {}
        self.histories: dict[str, list[Event]] = {id: [] for id in IDS}
        self.refusals: set[str] = set()
        self.highest = dict.fromkeys(IDS, 1)
        for id in IDS:
            kind = "family" if id.startswith("f") else "person"
            self.live[id] = Beneficiary.register(
                id, on=START, village=VILLAGES[0], kind=kind, channel="desa", identity=SECRET
            )
            self.store(id)

    def store(self, id: str) -> None:
        for event in self.live[id].collect_events():
            self.histories[id].append(stored(event, len(self.histories[id]) + 1))

    def running(self, id: str, name: str) -> str:
        """A classification that is open, when there is one, so that trials get somewhere."""
        known = sorted(self.live[id].open_types())
        return known[int(name[1:]) % len(known)] if known else name

    def attempt(self, id: str, decide: Callable[[], None], *others: str) -> None:
        before = {name: copy.deepcopy(state(self.live[name])) for name in (id, *others)}
        try:
            decide()
        except Refused as refused:
            self.refusals.add(refused.rule)
            for name, was in before.items():
                assert not self.live[name].pending_events
                assert state(self.live[name]) == was
        for name in (id, *others):
            self.store(name)

    @rule(id=PEOPLE, on=DAYS, name=NAMES, type=TYPES, age=st.integers(0, 90), reason=st.booleans())
    def classify(self, id: str, on: date, name: str, type: str | Sealed, age: int, reason: bool) -> None:
        self.attempt(
            id,
            lambda: self.live[id].classify(
                on=on,
                classification=name,
                type=type,
                tier=ppks.tier_of(type) if isinstance(type, str) else 3,
                assessor="account",
                age=age,
                sex="L",
                subtypes=("fisik",) if type == "penyandang_disabilitas" else (),
                override_reason=SECRET if reason else None,
            ),
        )

    @rule(id=PEOPLE, on=DAYS, ends=NAMES, name=NAMES, type=TYPES)
    def reclassify(self, id: str, on: date, ends: str, name: str, type: str | Sealed) -> None:
        self.attempt(
            id,
            lambda: self.live[id].reclassify(
                on=on,
                ends=self.running(id, ends),
                reason=SECRET,
                classification=name,
                type=type,
                tier=3 if isinstance(type, Sealed) else 2,
                assessor="account",
                age=10,
                sex="P",
                override_reason=SECRET,
            ),
        )

    @rule(id=PEOPLE, on=DAYS, name=NAMES, reason=st.sampled_from(["mampu", "pindah", SECRET]))
    def end(self, id: str, on: date, name: str, reason: str | Sealed) -> None:
        self.attempt(id, lambda: self.live[id].end_ppks(on=on, classification=self.running(id, name), reason=reason))

    @rule(id=PEOPLE, on=DAYS, neglected=st.booleans())
    def assess(self, id: str, on: date, neglected: bool) -> None:
        self.attempt(id, lambda: self.live[id].assess_neglect(on=on, neglected=neglected, how="wawancara"))

    @rule(id=PEOPLE, on=DAYS, enter=st.booleans(), institution=st.sampled_from(["Panti", SECRET]))
    def institution(self, id: str, on: date, enter: bool, institution: str | Sealed) -> None:
        person = self.live[id]
        if enter:
            self.attempt(id, lambda: person.enter_institution(on=on, institution=institution))
        else:
            self.attempt(id, lambda: person.leave_institution(on=on))

    @rule(id=PEOPLE, on=DAYS, name=NAMES, service=st.sampled_from(["a", "b", "d", SECRET]))
    def need(self, id: str, on: date, name: str, service: str | Sealed) -> None:
        services = ("L04",) if isinstance(service, str) else SECRET
        self.attempt(
            id,
            lambda: self.live[id].determine_need(
                on=on, classification=self.running(id, name), spm_service=service, services=services, year=2026
            ),
        )

    @rule(id=PEOPLE, on=DAYS, matched=st.booleans())
    def identify(self, id: str, on: date, matched: bool) -> None:
        person = self.live[id]
        if matched:
            self.attempt(id, lambda: person.match_identity(on=on, how="surat_dukcapil"))
        else:
            self.attempt(id, lambda: person.claim_identity(on=on, identity=SECRET, papers=("ktp",)))

    @rule(id=PEOPLE, on=DAYS, village=st.sampled_from(VILLAGES))
    def move(self, id: str, on: date, village: str) -> None:
        self.attempt(id, lambda: self.live[id].move_domicile(on=on, village=village))

    @rule(id=PEOPLE, on=DAYS, died=st.booleans())
    def leave(self, id: str, on: date, died: bool) -> None:
        person = self.live[id]
        self.attempt(id, lambda: person.die(on=on) if died else person.move_out(on=on))

    @rule(id=PEOPLE, family=st.sampled_from(["f1", "f1", "b1"]), on=DAYS, join=st.booleans())
    def family(self, id: str, family: str, on: date, join: bool) -> None:
        person = self.live[id]
        if join:
            self.attempt(id, lambda: person.join_family(on=on, family=self.live[family], relation="anak"), family)
        else:
            self.attempt(id, lambda: person.leave_family(on=on, family=family))

    @rule(id=PEOPLE, primary=PEOPLE, on=DAYS)
    def link(self, id: str, primary: str, on: date) -> None:
        other = self.live[primary]
        self.attempt(id, lambda: self.live[id].link_as_duplicate(on=on, primary=other, reason=SECRET), primary)

    @rule(id=PEOPLE, primary=PEOPLE, on=DAYS)
    def unlink(self, id: str, primary: str, on: date) -> None:
        primary = self.live[id].linked_to or primary
        other = self.live[primary]
        self.attempt(id, lambda: self.live[id].reverse_link(on=on, primary=other, reason=SECRET), primary)

    @rule(
        id=PEOPLE,
        on=DAYS,
        name=NAMES,
        purpose=st.sampled_from(["rujukan", "layanan", SECRET]),
        days=st.integers(-2, 20),
        age=st.integers(10, 60),
        guardian=st.booleans(),
    )
    def agree(self, id: str, on: date, name: str, purpose: str | Sealed, days: int, age: int, guardian: bool) -> None:
        sealed = isinstance(purpose, Sealed)
        giver = "wali" if guardian else "yang_bersangkutan"
        self.attempt(
            id,
            lambda: self.live[id].give_consent(
                on=on,
                consent=name,
                purpose=purpose,
                open_purpose="rujukan",
                how="cap_jempol",
                giver=SECRET if sealed else giver,
                open_giver=giver,
                recipient_kind=SECRET if sealed else "puskesmas",
                guardian=SECRET if guardian else None,
                relation=SECRET if guardian else None,
                until=on + timedelta(days=days),
                age=age,
            ),
        )

    @rule(id=PEOPLE, on=DAYS, name=NAMES, sealed=st.booleans())
    def take_back(self, id: str, on: date, name: str, sealed: bool) -> None:
        given = sorted(self.live[id].consents)
        name = given[int(name[1:]) % len(given)] if given else name
        self.attempt(
            id,
            lambda: self.live[id].withdraw_consent(
                on=on,
                consent=name,
                how="tanda_tangan",
                giver=SECRET if sealed else "yang_bersangkutan",
                open_giver="yang_bersangkutan",
            ),
        )

    @rule(id=PEOPLE, on=DAYS, restrict=st.booleans())
    def restrict(self, id: str, on: date, restrict: bool) -> None:
        person = self.live[id]
        if restrict:
            self.attempt(id, lambda: person.restrict_processing(on=on, ground="permintaan"))
        else:
            self.attempt(id, lambda: person.lift_restriction(on=on, reason=SECRET))

    @rule(id=PEOPLE, on=DAYS, name=NAMES)
    def refer(self, id: str, on: date, name: str) -> None:
        """A referral goes out only on a consent that holds, whatever was recorded in whatever order."""
        person = self.live[id]
        try:
            person.must_consent_to_referral(
                name,
                on=on,
                kind="puskesmas",
                destination="Puskesmas",
                opened={"purpose": "rujukan", "recipient_kind": "puskesmas"},
            )
        except Refused as refused:
            self.refusals.add(refused.rule)
            return
        given = [one for one in self.histories[id] if isinstance(one, Beneficiary.ConsentGiven) and one.consent == name]
        assert len(given) == 1
        assert given[0].on <= on <= (given[0].until or on)
        assert given[0].purpose in ("rujukan", SECRET)
        withdrawn = {one.consent for one in self.histories[id] if isinstance(one, Beneficiary.ConsentWithdrawn)}
        assert name not in withdrawn

    @rule(id=PEOPLE, on=DAYS, amendments=AMENDMENTS)
    def imagine_amendments(self, id: str, on: date, amendments: list[tuple[int, int, Any]]) -> None:
        """On a copy of the history: corrections and withdrawals at random never make it unreadable."""
        history = list(self.histories[id])
        for pick, field, odd in amendments:
            copy_of_it = replay(None, history)
            assert isinstance(copy_of_it, Beneficiary)
            readable = effective(history)
            said = {"on": on, "reason": SECRET, "requested_by": "supervisor"}
            try:
                if odd is WITHDRAW:
                    retract(copy_of_it, history[pick % len(history)], **said)
                else:
                    target = readable[pick % len(readable)]
                    own = sorted(set(type(target).__struct_fields__) - ENVELOPE | {"on"})
                    correct(copy_of_it, target, changes={own[field % len(own)]: odd}, **said)
            except Refused as refused:
                self.refusals.add(refused.rule)
            for event in copy_of_it.collect_events():
                history.append(stored(event, len(history) + 1))
        again = replay(None, history)
        assert isinstance(again, Beneficiary)
        assert again.version == len(history)

    @rule(id=PEOPLE, left_out=st.sets(st.integers(0, 60)))
    def imagine_gaps(self, id: str, left_out: set[int]) -> None:
        """Whatever is missing from a history, the rest can be read."""
        beneficiary = Beneficiary.blank(id)
        for place, event in enumerate(self.histories[id]):
            if place not in left_out:
                beneficiary.remember(event)

    @invariant()
    def every_history_replays_to_what_is_known(self) -> None:
        for id in IDS:
            again = replay(None, self.histories[id])
            assert isinstance(again, Beneficiary)
            assert again.version == len(self.histories[id])
            assert state(again) == state(self.live[id])

    @invariant()
    def no_open_type_stands_twice(self) -> None:
        for id in IDS:
            types = [type for type in self.live[id].open_types().values() if isinstance(type, str)]
            assert len(types) == len(set(types))

    @invariant()
    def the_tier_never_falls(self) -> None:
        for id in IDS:
            assert self.live[id].tier >= self.highest[id]
            self.highest[id] = self.live[id].tier

    @invariant()
    def links_make_no_chain(self) -> None:
        for id in IDS:
            primary = self.live[id].linked_to
            if primary is not None:
                assert primary != id
                assert self.live[primary].linked_to is None
                assert id in self.live[primary].duplicates
                assert self.live[primary].kind == self.live[id].kind

    @invariant()
    def nothing_happens_to_the_dead(self) -> None:
        for id in IDS:
            died: date | None = None
            for event in self.histories[id]:
                if event.topic == "beneficiary.died":
                    died = event.on
                elif died is not None and event.topic in BORN_AFTER_DEATH:
                    assert event.on <= died

    @invariant()
    def nothing_is_added_to_a_linked_record(self) -> None:
        for id in IDS:
            linked = False
            for event in self.histories[id]:
                assert not linked or event.topic in ALWAYS | {"beneficiary.link_reversed"}
                if event.topic == "beneficiary.linked_as_duplicate":
                    linked = True
                elif event.topic == "beneficiary.link_reversed":
                    linked = False

    @invariant()
    def a_withdrawn_consent_is_never_in_force_and_restrictions_alternate(self) -> None:
        for id in IDS:
            person, restricted = self.live[id], False
            for event in self.histories[id]:
                if isinstance(event, Beneficiary.ProcessingRestricted | Beneficiary.RestrictionLifted):
                    assert restricted != isinstance(event, Beneficiary.ProcessingRestricted)
                    restricted = not restricted
                if isinstance(event, Beneficiary.ConsentWithdrawn):
                    assert not person.consents[event.consent].in_force(event.on)
            assert person.restricted == restricted

    @invariant()
    def strict_types_are_never_open(self) -> None:
        for id in IDS:
            strict = False
            for event in self.histories[id]:
                if isinstance(event, Beneficiary.ConsentGiven):
                    assert not strict or isinstance(event.recipient_kind, Sealed)
                if isinstance(event, Beneficiary.Classified | Beneficiary.Reclassified):
                    assert isinstance(event.type, Sealed) or (not strict and event.tier < 3)
                    strict = strict or event.tier == 3


def test_no_sequence_of_decisions_breaks_a_rule_of_beneficiaries(record_property: RecordProperty) -> None:
    trial(Lives, record_property)
