"""The tree of RFC 9162: roots and proofs against the recursion of the standard; mutated proofs hold by neither check."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Any

import pytest

from service.log.tree import EMPTY_ROOT, HashesMissing, Tree, completed, consistent, included, node
from tests.service import proof_checks
from tests.trials.plugin import Trial

SIZES = 300


def leaf(index: int) -> bytes:
    return hashlib.sha256(b"\x00" + index.to_bytes(4)).digest()


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = below(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 9162, section 2.1.3.1, word for word."""
    if len(leaves) == 1:
        return []
    k = below(len(leaves))
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """RFC 9162, section 2.1.4.1, word for word."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = below(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def below(n: int) -> int:
    """The largest power of two below ``n``."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


class Grown:
    """A source of hashes that is extended as the sealer extends it, and counts its reads."""

    def __init__(self, size: int) -> None:
        self.levels: dict[int, list[bytes]] = {0: list(map(leaf, range(size)))}
        self.reads: list[tuple[int, int, int]] = []
        before = 0
        for upto in sorted({size // 3, size // 2, size}):
            for level, number, value in completed(self, before, upto):
                assert len(self.levels.setdefault(level, [])) == number
                self.levels[level].append(value)
            before = upto
        self.reads.clear()

    def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
        self.reads.append((level, first, count))
        return self.levels.get(level, [])[first : first + count]


@pytest.fixture(scope="module")
def grown() -> Grown:
    return Grown(SIZES + 1)


def test_every_root_is_that_of_the_standard(grown: Grown) -> None:
    for size in range(SIZES + 1):
        assert Tree(grown, size).root() == mth(grown.levels[0][:size])
    assert Tree(grown, 0).root() == EMPTY_ROOT


def test_every_inclusion_proof_is_that_of_the_standard_and_holds(grown: Grown) -> None:
    for size in range(1, SIZES + 1, 7):
        tree, leaves = Tree(grown, size), grown.levels[0][:size]
        root = tree.root()
        for index in range(size):
            proof = tree.inclusion(index)
            assert proof == path(index, leaves)
            assert included(leaves[index], index, size, proof, root)


def test_every_consistency_proof_is_that_of_the_standard_and_holds(grown: Grown) -> None:
    roots = [Tree(grown, size).root() for size in range(SIZES + 1)]
    for second in range(1, SIZES + 1, 7):
        tree, leaves = Tree(grown, second), grown.levels[0][:second]
        for first in range(1, second + 1):
            proof = tree.consistency(first)
            assert proof == subproof(first, leaves, True)
            assert consistent(first, roots[first], second, roots[second], proof)


def test_hashes_of_three_levels_are_used_and_few_are_read() -> None:
    size = 2 * 65536 + 3 * 256 + 5
    source = Grown(size)
    assert [len(source.levels[level]) for level in (0, 1, 2)] == [size, 2 * 256 + 3, 2]
    tree = Tree(source, size)
    assert tree.root() == mth(source.levels[0])
    assert len(source.reads) == 3
    assert tree.inclusion(70_000) == path(70_000, source.levels[0])
    assert tree.consistency(65_999) == subproof(65_999, source.levels[0], True)
    assert len(source.reads) <= 8
    assert max(count for _, _, count in source.reads) == 256


def test_a_source_that_lacks_a_hash_gives_no_root() -> None:
    source = Grown(600)
    source.levels[1].pop()
    with pytest.raises(HashesMissing):
        Tree(source, 600).root()
    assert Tree(source, 511).root() == mth(source.levels[0][:511])


@pytest.mark.parametrize(("size", "index"), [(5, 5), (5, -1), (0, 0)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(grown: Grown, size: int, index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        Tree(grown, size).inclusion(index)
    assert not included(leaf(0), index, size, [], leaf(0))


def test_there_is_no_proof_from_nothing_or_from_a_larger_tree(grown: Grown) -> None:
    for first in (0, 6):
        with pytest.raises(ValueError, match="beginning"):
            Tree(grown, 5).consistency(first)
        assert not consistent(first, EMPTY_ROOT, 5, Tree(grown, 5).root(), [])


def test_a_step_of_another_length_is_no_proof() -> None:
    left, right = leaf(1), leaf(2)
    root = node(left, right)
    assert included(right, 1, 2, [left], root)
    assert not included(left[16:] + right, 1, 2, [left[:16]], root)
    assert not consistent(1, left + right[:16], 2, root, [right[16:]])


def again(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """The second implementation of the check of consistency, which takes its arguments in another order."""
    return proof_checks.consistent(first, second, first_root, second_root, proof)


#: The reference tree of the Certificate Transparency project, with its known answers: eight leaves, the root at each size.
CT_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
_LEAF_2 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_LEAVES_3_4 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_LEAVES_5_8 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
_LEAF_5 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
_LEAVES_5_6 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
_LEAVES_7_8 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#: By number of the leaf, from 1, and size.
CT_INCLUSIONS = {
    (1, 1): (),
    (1, 8): (_LEAF_2, _LEAVES_3_4, _LEAVES_5_8),
    (6, 8): (_LEAF_5, _LEAVES_7_8, CT_ROOTS[3]),
    (3, 3): (CT_ROOTS[1],),
    (2, 5): (CT_ROOTS[0], _LEAVES_3_4, _LEAF_5),
}
#: By both sizes.
CT_CONSISTENCIES = {
    (1, 1): (),
    (1, 8): (_LEAF_2, _LEAVES_3_4, _LEAVES_5_8),
    (6, 8): (_LEAVES_5_6, _LEAVES_7_8, CT_ROOTS[3]),
    (2, 5): (_LEAVES_3_4, _LEAF_5),
}


class Reference:
    """A source of the hashes of the reference tree."""

    leaves = tuple(hashlib.sha256(b"\x00" + bytes.fromhex(text)).digest() for text in CT_LEAVES)

    def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
        return self.leaves[first : first + count] if level == 0 else ()


def raw(hashes: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in hashes]


def test_the_roots_are_those_of_the_reference_tree_of_certificate_transparency() -> None:
    assert [Tree(Reference(), size).root().hex() for size in range(1, 9)] == list(CT_ROOTS)


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("proven", CT_INCLUSIONS)
def test_its_inclusion_proofs_are_made_and_hold_of_their_leaves_alone(proven: tuple[int, int], number: int) -> None:
    (own, size), proof = proven, raw(CT_INCLUSIONS[proven])
    assert Tree(Reference(), size).inclusion(own - 1) == proof
    for holds in (included, proof_checks.included):
        found = holds(Reference.leaves[number - 1], number - 1, size, proof, bytes.fromhex(CT_ROOTS[size - 1]))
        assert found == (number == own)


@pytest.mark.parametrize("first", range(1, 9))
@pytest.mark.parametrize("proven", CT_CONSISTENCIES)
def test_its_consistency_proofs_are_made_and_hold_of_their_sizes_alone(proven: tuple[int, int], first: int) -> None:
    (own, second), proof, roots = proven, raw(CT_CONSISTENCIES[proven]), raw(CT_ROOTS)
    assert Tree(Reference(), second).consistency(own) == proof
    for holds in (consistent, again):
        assert holds(first, roots[first - 1], second, roots[second - 1], proof) == (first == own)


def other(chance: random.Random, value: bytes) -> bytes:
    at = chance.randrange(len(value))
    return value[:at] + bytes([value[at] ^ chance.randrange(1, 256)]) + value[at + 1 :]


def mutated(chance: random.Random, proof: list[bytes]) -> list[bytes]:
    """A proof with one step altered, taken out, doubled, added or exchanged with another."""
    found, kind = list(proof), chance.randrange(5)
    at = chance.randrange(len(found)) if found else 0
    if kind == 0 and found:
        found[at] = other(chance, found[at])
    elif kind == 1 and found:
        del found[at]
    elif kind == 2 and found:
        found.insert(at, found[at])
    elif kind == 3 and len(set(found)) > 1:
        while found == proof:
            chance.shuffle(found)
    else:
        found.insert(chance.randrange(len(found) + 1), chance.randbytes(32))
    return found


@pytest.mark.trial
def test_five_thousand_mutated_proofs_are_rejected(grown: Grown, trial: Trial) -> None:
    chance, rounds = trial.random, 5_000
    roots: dict[int, Any] = {size: Tree(grown, size).root() for size in range(1, SIZES + 1)}
    accepted, counts = [], {"inclusion": 0, "consistency": 0}
    for _ in range(rounds):
        second = chance.randrange(2, SIZES + 1)
        tree, what = Tree(grown, second), chance.randrange(6)
        if chance.random() < 0.5:
            index = chance.randrange(second)
            given = [grown.levels[0][index], index, second, tree.inclusion(index), roots[second]]
            assert included(*given)
            assert proof_checks.included(*given)
            if what < 3:
                given[3] = mutated(chance, given[3])
            elif what == 3:
                given[0] = other(chance, given[0])
            elif what == 4:
                given[4] = other(chance, given[4])
            else:
                given[1] = chance.choice([i for i in range(second) if i != index])
            counts["inclusion"] += 1
            accepted += [("inclusion", given)] if included(*given) or proof_checks.included(*given) else []
        else:
            first = chance.randrange(1, second)
            given = [first, roots[first], second, roots[second], tree.consistency(first)]
            assert consistent(*given)
            assert again(*given)
            if what < 3:
                given[4] = mutated(chance, given[4])
            elif what == 3:
                given[1] = other(chance, given[1])
            elif what == 4:
                given[3] = other(chance, given[3])
            else:
                given[0] = chance.choice([size for size in range(1, second + 1) if size != first])
            counts["consistency"] += 1
            accepted += [("consistency", given)] if consistent(*given) or again(*given) else []
    trial.count(mutated_proofs=rounds, **counts, accepted=len(accepted))
    assert accepted == []
    assert min(counts.values()) > rounds // 4
