"""The Merkle tree over the chain's hashes (RFC 9162, section 2.1): its root, inclusion and consistency proofs.

An event's leaf is its hash of the chain, as 32 bytes. Complete subtrees of 256 leaves and more never change once they
are there, so they are kept (`Known`); a proof then reads two such groups of leaves and a few kept nodes.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

TILE = 8  # complete subtrees from 2**8 leaves on are kept
EMPTY = sha256(b"").digest()
Leaves = Callable[[int, int], Sequence[bytes]]  # of [start, end), as leaf hashes
Known = Callable[[int, int], bytes | None]  # the kept node of a level and position


def leaf(digest: str) -> bytes:
    """The leaf of an event's hash."""
    return sha256(b"\x00" + bytes.fromhex(digest)).digest()


def parent(left: bytes, right: bytes) -> bytes:
    """The node over two."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over leaves, level by level; an odd one out moves up as it is."""
    row = list(hashes)
    while len(row) > 1:
        pairs = [parent(row[n], row[n + 1]) for n in range(0, len(row) - 1, 2)]
        row = pairs + row[len(pairs) * 2 :]
    return row[0] if row else EMPTY


class Growing:
    """A tree that leaves are added to: it holds the roots of complete subtrees, one a level, and the leaves since."""

    def __init__(self) -> None:
        self._tiles = 0
        self._peaks: list[bytes] = []
        self._rest: list[bytes] = []

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return (self._tiles << TILE) + len(self._rest)

    def add(self, one: bytes) -> None:
        """Append a leaf."""
        self._rest.append(one)
        if len(self._rest) == 1 << TILE:
            self._close()

    def _close(self) -> None:
        """The newest leaves are a complete subtree: their root stands for them."""
        one, carried, self._rest = fold(self._rest), self._tiles, []
        while carried & 1:
            one = parent(self._peaks.pop(), one)
            carried >>= 1
        self._peaks.append(one)
        self._tiles += 1

    def root(self) -> bytes:
        """The root of what is there."""
        found = [*self._peaks, fold(self._rest)] if self._rest else self._peaks
        if not found:
            return EMPTY
        one = found[-1]
        for peak in reversed(found[:-1]):
            one = parent(peak, one)
        return one

    def copy(self) -> "Growing":
        """Another one of the same leaves."""
        other = Growing()
        other._tiles, other._peaks, other._rest = self._tiles, list(self._peaks), list(self._rest)
        return other


class Tree:
    """A stored tree, read where it is needed."""

    def __init__(self, leaves: Leaves, known: Known) -> None:
        self._leaves, self._known = leaves, known

    def root(self, start: int, end: int) -> bytes:
        """The root over the leaves of [start, end)."""
        size = end - start
        if size <= 1 << TILE and not _is_tile(start, size):
            return fold(self._leaves(start, end))
        if size & (size - 1) == 0 and start % size == 0:
            level = size.bit_length() - 1
            found = self._known(level, start >> level)
            if found is not None or level == TILE:
                return found if found is not None else fold(self._leaves(start, end))
        middle = start + _split(size)
        return parent(self.root(start, middle), self.root(middle, end))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The path from a leaf to the root of the first `size` leaves, from below."""
        path, start, end = list[bytes](), 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self.root(middle, end))
                end = middle
            else:
                path.append(self.root(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """What shows that the first `old` of `new` leaves are what they were."""
        path, start, end, whole = list[bytes](), 0, new, True
        while old - start != end - start:
            middle = start + _split(end - start)
            if old <= middle:
                path.append(self.root(middle, end))
                end = middle
            else:
                path.append(self.root(start, middle))
                start, whole = middle, False
        return (path if whole else [*path, self.root(start, end)])[::-1]


def _is_tile(start: int, size: int) -> bool:
    return size == 1 << TILE and start % size == 0


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def root_of_inclusion(one: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to from a leaf, or None when it cannot be a path of such a tree."""
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, one
    for other in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = parent(other, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = parent(found, other)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def roots_of_consistency(old: int, new: int, old_root: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The two roots that a proof leads to, or None when it is no proof between such sizes."""
    if not 0 < old <= new:
        return None
    if old == new:
        return None if path else (old_root, old_root)
    rest = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not rest:
        return None
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = rest[0]
    for other in rest[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            first, second = parent(other, first), parent(other, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = parent(second, other)
        at, last = at >> 1, last >> 1
    return (first, second) if last == 0 else None
