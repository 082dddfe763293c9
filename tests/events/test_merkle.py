"""The Merkle tree: roots, inclusion and consistency proofs of every size, against the definition of RFC 9162."""

import hashlib

import pytest

from service.events import merkle

MOST = 40
LEAVES = [merkle.leaf(hashlib.sha256(bytes([number])).hexdigest()) for number in range(MOST)]


def defined(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    middle = max(2**n for n in range(8) if 2**n < len(leaves))
    return hashlib.sha256(b"\x01" + defined(leaves[:middle]) + defined(leaves[middle:])).digest()


def tree() -> merkle.Tree:
    return merkle.Tree(lambda start, end: LEAVES[start:end], lambda *_: None)


def test_every_way_to_a_root_is_the_definition() -> None:
    growing = merkle.Growing()
    for size in range(MOST):
        assert growing.root() == merkle.fold(LEAVES[:size]) == tree().root(0, size) == defined(LEAVES[:size])
        growing.add(LEAVES[size])


def test_every_inclusion_proof_leads_to_the_root_and_no_other_does() -> None:
    for size in range(1, MOST):
        root = defined(LEAVES[:size])
        for index in range(size):
            path = tree().inclusion(index, size)
            assert merkle.root_of_inclusion(LEAVES[index], index, size, path) == root
            for other in ((index + 1) % size, index - 1, size):
                found = merkle.root_of_inclusion(LEAVES[index], other, size, path)
                assert found != root or other == index
            if path:
                assert merkle.root_of_inclusion(LEAVES[index], index, size, path[:-1]) != root
                assert merkle.root_of_inclusion(LEAVES[index], index, size, [*path, path[0]]) != root
                assert merkle.root_of_inclusion(LEAVES[index], index, size, [b"y" * 32, *path[1:]]) != root


def test_every_consistency_proof_leads_to_both_roots_and_no_other_does() -> None:
    for new in range(1, MOST):
        for old in range(1, new + 1):
            first, second = defined(LEAVES[:old]), defined(LEAVES[:new])
            path = tree().consistency(old, new)
            assert merkle.roots_of_consistency(old, new, first, path) == (first, second)
            if path:
                spoiled = [*path[:-1], b"y" * 32]
                assert merkle.roots_of_consistency(old, new, first, spoiled) != (first, second)
                assert merkle.roots_of_consistency(old, new, first, path[:-1]) != (first, second)


@pytest.mark.parametrize("size", [256, 700, 1024])
def test_a_large_tree_reads_what_is_kept(size: int) -> None:
    leaves = [merkle.leaf(hashlib.sha256(f"{n}".encode()).hexdigest()) for n in range(size)]
    read = []

    def some(start: int, end: int) -> list[bytes]:
        read.append(end - start)
        return leaves[start:end]

    plain = merkle.Tree(some, lambda *_: None)
    kept = {(level, at): plain.root(at << level, (at + 1) << level) for level in (8, 9) for at in range(size >> level)}
    read.clear()
    tree = merkle.Tree(some, lambda level, place: kept.get((level, place)))
    path = tree.inclusion(size // 3, size)
    assert merkle.root_of_inclusion(leaves[size // 3], size // 3, size, path) == merkle.fold(leaves)
    assert sum(read) <= 512
