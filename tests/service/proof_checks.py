"""Checks of inclusion and consistency proofs, written from RFC 9162 apart from `service.log.tree`."""

from __future__ import annotations

from collections.abc import Sequence

from tests.service.audited import verifier

node_hash = verifier.node_hash
EMPTY_ROOT = verifier.root_of([])


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    here, last, result = index, size - 1, leaf
    for step in proof:
        if last == 0 or len(step) != 32:
            return False
        if here & 1 or here == last:
            result = node_hash(step, result)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            result = node_hash(result, step)
        here, last = here >> 1, last >> 1
    return last == 0 and result == root


def consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2. The empty tree is the beginning of every tree."""
    if first > second or first < 0 or any(len(step) != 32 for step in proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    steps = list(proof)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    if not steps:
        return False
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    one = other = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            one, other = node_hash(step, one), node_hash(step, other)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            other = node_hash(other, step)
        here, last = here >> 1, last >> 1
    return last == 0 and one == first_root and other == second_root
