"""Duplicates: linked, refused, parted."""

import pytest

from domain.beneficiary_duplicate import LinkAcrossKinds, LinkChain, LinkToItself, NotLinked, ScoreOutOfRange
from domain.beneficiary_state import LinkedToAnother
from domain.refusals import UnknownCode
from tests.domain.beneficiary_beginnings import DAY, LATER, SECRET, a_beneficiary, classify


def test_a_duplicate_is_linked_and_new_facts_belong_on_the_primary() -> None:
    person, primary = a_beneficiary("b1"), a_beneficiary("b2")
    person.link_as_duplicate(on=DAY, primary=primary, reason=SECRET, score=91, grounds=("nama_mirip", "desa_sama"))
    assert person.linked_to == "b2"
    assert primary.duplicates == {"b1"}
    for refused in (
        lambda: classify(person, "c1", "pengemis"),
        lambda: person.claim_identity(on=DAY, identity=SECRET),
        lambda: person.match_identity(on=DAY, how="perekaman"),
        lambda: person.die(on=DAY),
        lambda: person.leave_family(on=DAY, family="f1"),
        lambda: person.leave_institution(on=DAY),
        lambda: person.end_ppks(on=DAY, classification="c1", reason="mampu"),
        lambda: person.link_as_duplicate(on=DAY, primary=a_beneficiary("b3"), reason=SECRET),
    ):
        with pytest.raises(LinkedToAnother, match="b2"):
            refused()
    classify(primary, "c1", "pengemis")


def test_links_make_no_chains_no_circles_and_cross_no_kinds() -> None:
    a, b, c = a_beneficiary("a"), a_beneficiary("b"), a_beneficiary("c")
    with pytest.raises(LinkToItself):
        a.link_as_duplicate(on=DAY, primary=a, reason=SECRET)
    with pytest.raises(LinkAcrossKinds):
        a.link_as_duplicate(on=DAY, primary=a_beneficiary("f", "family"), reason=SECRET)
    with pytest.raises(ScoreOutOfRange):
        a.link_as_duplicate(on=DAY, primary=b, reason=SECRET, score=101)
    with pytest.raises(UnknownCode):
        a.link_as_duplicate(on=DAY, primary=b, reason=SECRET, grounds=("firasat",))
    a.link_as_duplicate(on=DAY, primary=b, reason=SECRET)
    with pytest.raises(LinkedToAnother):
        c.link_as_duplicate(on=DAY, primary=a, reason=SECRET)
    with pytest.raises(LinkChain):
        b.link_as_duplicate(on=DAY, primary=c, reason=SECRET)
    c.link_as_duplicate(on=DAY, primary=b, reason=SECRET)
    assert b.duplicates == {"a", "c"}


def test_a_reversed_link_leaves_both_records_whole() -> None:
    person, primary = a_beneficiary("b1"), a_beneficiary("b2")
    classify(person, "c1", "pengemis")
    with pytest.raises(NotLinked):
        person.reverse_link(on=DAY, primary=primary, reason=SECRET)
    person.link_as_duplicate(on=DAY, primary=primary, reason=SECRET)
    with pytest.raises(NotLinked):
        person.reverse_link(on=LATER, primary=a_beneficiary("b3"), reason=SECRET)
    person.reverse_link(on=LATER, primary=primary, reason=SECRET)
    assert (person.linked_to, primary.duplicates) == (None, set())
    assert list(person.open_types()) == ["c1"]
    primary.link_as_duplicate(on=LATER, primary=person, reason=SECRET)
    assert primary.linked_to == "b1"


def test_nobody_joins_a_family_whose_record_is_a_duplicate() -> None:
    family, primary = a_beneficiary("f1", "family"), a_beneficiary("f2", "family")
    family.link_as_duplicate(on=DAY, primary=primary, reason=SECRET)
    with pytest.raises(LinkedToAnother, match="f2"):
        a_beneficiary().join_family(on=DAY, family=family, relation="anak")
