"""A POSIX-like file system in memory, one for each simulated operating system.

Nothing here ever looks at the files of the machine that the simulator runs on.
"""

from __future__ import annotations

import errno
import os
import posixpath
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from hvsim.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LONGEST_NAME = 255
LONGEST_PATH = 1_024
_MOST_LINKS = 32
_FURNITURE = ("/bin", "/dev", "/etc", "/export", "/home", "/lib", "/opt", "/root", "/sbin", "/usr")
_MORE_FURNITURE = ("/usr/bin", "/usr/lib", "/usr/sbin", "/var", "/var/log", "/var/run")


class FileError(Refusal):
    """A file operation is refused, in POSIX's words.

    Args:
        number: an ``errno`` value.
        path: as the caller wrote it.
    """

    def __init__(self, number: int, path: str) -> None:
        self.number = number
        self.path = path
        self.reason = os.strerror(number)
        super().__init__(f"{path}: {self.reason}")


class Kind(StrEnum):
    """What a node is."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    DEVICE = "device"


@dataclass(slots=True)
class Node:
    """A file, directory, symbolic link or device.

    Attributes:
        mode: permission bits alone.
        modified: simulated seconds since the lab began.
        content: a file's bytes.
        children: a directory's entries, in order of their making.
        target: where a link leads; a device's name (``null``, ``zero``, ``console``).
    """

    kind: Kind
    number: int
    mode: int
    uid: int = 0
    gid: int = 0
    modified: float = 0.0
    content: bytearray = field(default_factory=bytearray)
    children: dict[str, Node] = field(default_factory=dict)
    target: str = ""
    links: int = 1

    @property
    def size(self) -> int:
        """Length in bytes."""
        if self.kind is Kind.LINK:
            return len(os.fsencode(self.target))
        return len(self.content) if self.kind is Kind.FILE else 512


class Files:
    """The file system of one operating system, called under the world's lock.

    Paths are absolute; ``root`` (a directory's path) makes them begin there, as chroot does, so
    that a link inside cannot lead out of it. Every method raises :class:`FileError`.

    Args:
        now: gives the simulated time of a change.
        capacity: most bytes of all files together; ``used`` is how many there are.
        most: most files, directories and links.

    Attributes:
        generation: another number after every change.
    """

    def __init__(
        self, now: Callable[[], float], capacity: int = 64 * 2**20, most: int = 200_000
    ) -> None:
        self._now = now
        self.capacity = capacity
        self._most = most
        self._numbers = 0
        self._nodes = 0
        self.used = 0
        self.generation = 0
        self.top = self._new(Kind.DIRECTORY, 0o755)

    def furnish(self, homes: Iterable[str] = ()) -> None:
        """Make the directories and devices that every system has."""
        for path in (*_FURNITURE, *_MORE_FURNITURE, *homes):
            self.make_directories(path)
        self.make_directories("/tmp", mode=0o1777)  # noqa: S108 - of the simulated system
        for device in ("null", "zero", "console", "tty"):
            self._add("/", f"/dev/{device}", self._new(Kind.DEVICE, 0o666, target=device))

    def find(self, path: str, root: str = "/", *, follow: bool = True) -> Node:
        """Return the node at a path; with ``follow`` what a link at its end leads to."""
        return self._walk(root, path, follow=follow)[2]

    def exists(self, path: str, root: str = "/", *, follow: bool = True) -> bool:
        """Tell whether a path leads to something."""
        try:
            self.find(path, root, follow=follow)
        except FileError:
            return False
        return True

    def real_path(self, path: str, root: str = "/") -> str:
        """Return the path without links and dots, as seen from ``root``."""
        base, _, _ = self._walk("/", root, follow=True)
        whole, _, _ = self._walk(root, path, follow=True)
        return whole if base == "/" else whole[len(base) :] or "/"

    def names(self, path: str, root: str = "/") -> list[str]:
        """Return the names in a directory, sorted."""
        node = self.find(path, root)
        if node.kind is not Kind.DIRECTORY:
            raise FileError(errno.ENOTDIR, path)
        return sorted(node.children)

    def read(self, path: str, root: str = "/") -> bytes:
        """Return a file's content."""
        node = self.find(path, root)
        if node.kind is Kind.DIRECTORY:
            raise FileError(errno.EISDIR, path)
        return bytes(node.content)

    def write(
        self,
        path: str,
        data: bytes,
        root: str = "/",
        *,
        at: int | None = None,
        mode: int = 0o644,
        owner: tuple[int, int] = (0, 0),
    ) -> Node:
        """Write a file, made with ``mode`` and ``owner`` when there is none.

        Args:
            at: None replaces the content, -1 appends to it, else the offset to write at.
        """
        whole, parent, node = self._place(root, path)
        if node is None:
            node = self._new(Kind.FILE, mode, owner)
            self._enter(parent, whole, node, path)
        if node.kind is Kind.DEVICE:
            return node
        if node.kind is not Kind.FILE:
            raise FileError(errno.EISDIR, path)
        start = 0 if at is None else len(node.content) if at < 0 else at
        self._fill(node, data, start, path)
        self.generation += 1
        if at is None:
            self.used -= len(node.content) - len(data)
            del node.content[len(data) :]
        return node

    def truncate(self, path: str, size: int, root: str = "/") -> None:
        """Cut a file to ``size`` bytes, or lengthen it with zeros."""
        node = self.find(path, root)
        if node.kind is not Kind.FILE:
            raise FileError(errno.EISDIR, path)
        if size > len(node.content):
            self._fill(node, bytes(size - len(node.content)), len(node.content), path)
        self.used -= len(node.content) - size
        del node.content[size:]
        self.generation += 1
        node.modified = self._now()

    def make_directory(
        self, path: str, root: str = "/", *, mode: int = 0o755, owner: tuple[int, int] = (0, 0)
    ) -> Node:
        """Make one directory in a directory that exists."""
        return self._add(root, path, self._new(Kind.DIRECTORY, mode, owner))

    def make_directories(
        self, path: str, root: str = "/", *, mode: int = 0o755, owner: tuple[int, int] = (0, 0)
    ) -> Node:
        """Make a directory and those above it, where they are missing."""
        parts = [part for part in path.split("/") if part]
        for count in range(1, len(parts) + 1):
            above = "/" + "/".join(parts[:count])
            if not self.exists(above, root):
                self.make_directory(above, root, mode=mode, owner=owner)
        node = self.find(path, root)
        if node.kind is not Kind.DIRECTORY:
            raise FileError(errno.ENOTDIR, path)
        return node

    def make_link(self, target: str, path: str, root: str = "/") -> Node:
        """Make a symbolic link at ``path`` that leads to ``target``."""
        return self._add(root, path, self._new(Kind.LINK, 0o777, target=target))

    def link(self, target: str, path: str, root: str = "/") -> None:
        """Give a file a second name."""
        node = self.find(target, root, follow=False)
        if node.kind is Kind.DIRECTORY:
            raise FileError(errno.EPERM, target)
        self._add(root, path, node)
        node.links += 1

    def remove(self, path: str, root: str = "/") -> None:
        """Remove a name that is no directory's."""
        _, parent, node = self._named(root, path)
        if node.kind is Kind.DIRECTORY:
            raise FileError(errno.EISDIR, path)
        self._drop(parent, path, node)

    def remove_directory(self, path: str, root: str = "/") -> None:
        """Remove an empty directory."""
        _, parent, node = self._named(root, path)
        if node.kind is not Kind.DIRECTORY:
            raise FileError(errno.ENOTDIR, path)
        if node.children:
            raise FileError(errno.ENOTEMPTY, path)
        self._drop(parent, path, node)

    def remove_tree(self, path: str, root: str = "/") -> None:
        """Remove a path and all below it."""
        _, parent, node = self._named(root, path)
        for _, _, child in list(_below(node, path)):
            self._forget(child)
        self._drop(parent, path, node)

    def rename(self, path: str, to: str, root: str = "/") -> None:
        """Move what is at ``path`` to ``to``, in the place of a file or an empty directory."""
        whole, parent, node = self._named(root, path)
        place, above, taken = self._place(root, to, follow=False)
        if taken is node:
            return
        if f"{place}/".startswith(f"{whole}/"):
            raise FileError(errno.EINVAL, path)
        if taken is not None:
            self._demand_replaceable(node, taken, to)
            self._drop(above, to, taken)
        del parent.children[_last(whole)]
        above.children[_last(place)] = node
        parent.modified = above.modified = self._now()
        self.generation += 1

    def set_mode(self, path: str, mode: int, root: str = "/") -> None:
        """Change permissions."""
        self.generation += 1
        self.find(path, root).mode = mode & 0o7777

    def set_owner(self, path: str, uid: int, gid: int, root: str = "/") -> None:
        """Change the owner and the group; -1 leaves one as it is."""
        self.generation += 1
        node = self.find(path, root)
        node.uid = node.uid if uid < 0 else uid
        node.gid = node.gid if gid < 0 else gid

    def set_time(self, path: str, when: float, root: str = "/") -> None:
        """Say when it was last modified, in simulated seconds since the lab began."""
        self.generation += 1
        self.find(path, root).modified = when

    def walk(self, path: str, root: str = "/") -> Iterator[tuple[str, Node]]:
        """Give a path and all below it with their nodes, directories before their content."""
        node = self.find(path, root, follow=False)
        yield path, node
        for below, _, child in _below(node, path):
            yield below, child

    # The tree

    def _new(
        self, kind: Kind, mode: int, owner: tuple[int, int] = (0, 0), target: str = ""
    ) -> Node:
        self._numbers += 1
        return Node(kind, self._numbers, mode & 0o7777, *owner, self._now(), target=target)

    def _add(self, root: str, path: str, node: Node) -> Node:
        whole, parent, taken = self._place(root, path, follow=False)
        if taken is not None:
            raise FileError(errno.EEXIST, path)
        self._enter(parent, whole, node, path)
        return node

    def _enter(self, parent: Node, whole: str, node: Node, path: str) -> None:
        if self._nodes >= self._most:
            raise FileError(errno.ENOSPC, path)
        self._nodes += 1
        self.generation += 1
        parent.children[_last(whole)] = node
        parent.modified = self._now()

    def _drop(self, parent: Node, path: str, node: Node) -> None:
        for name, child in parent.children.items():
            if child is node and name == _last(path):
                del parent.children[name]
                break
        parent.modified = self._now()
        self._forget(node)

    def _forget(self, node: Node) -> None:
        self._nodes -= 1
        self.generation += 1
        node.links -= 1
        if node.links == 0:
            self.used -= len(node.content)

    def _fill(self, node: Node, data: bytes, start: int, path: str) -> None:
        length = len(node.content)
        grows = max(0, start + len(data) - length)
        if self.used + grows > self.capacity:
            raise FileError(errno.ENOSPC, path)
        if start > length:
            node.content.extend(bytes(start - length))
        node.content[start : start + len(data)] = data
        self.used += grows
        node.modified = self._now()

    def _demand_replaceable(self, node: Node, taken: Node, to: str) -> None:
        directory = taken.kind is Kind.DIRECTORY
        if directory and node.kind is not Kind.DIRECTORY:
            raise FileError(errno.EISDIR, to)
        if not directory and node.kind is Kind.DIRECTORY:
            raise FileError(errno.ENOTDIR, to)
        if taken.children:
            raise FileError(errno.ENOTEMPTY, to)

    def _named(self, root: str, path: str) -> tuple[str, Node, Node]:
        """Return whole path, parent and node of a name that can be removed."""
        whole, parent, node = self._place(root, path, follow=False)
        if node is None:
            raise FileError(errno.ENOENT, path)
        if _last(path) in ("", ".", ".."):
            raise FileError(errno.EINVAL, path)
        return whole, parent, node

    def _place(self, root: str, path: str, *, follow: bool = True) -> tuple[str, Node, Node | None]:
        """Return whole path, parent and node (None if there is none yet) of a path."""
        try:
            return self._walk(root, path, follow=follow)
        except _MissingError as missing:
            if missing.inner or path.endswith("/.") or not _last(path):
                raise FileError(errno.ENOENT, path) from None
            return missing.whole, missing.parent, None

    def _walk(self, root: str, path: str, *, follow: bool) -> tuple[str, Node, Node]:
        """Return whole path, parent and node that a path leads to, as seen from ``root``."""
        if len(path) > LONGEST_PATH:
            raise FileError(errno.ENAMETOOLONG, path)
        if not path:
            raise FileError(errno.ENOENT, path)
        trail = [("", self.top)]
        if root != "/":
            trail = self._descend(trail, root, 1, follow=True)
        floor = len(trail)
        trail = self._descend(trail, path, floor, follow=follow or path.endswith("/"))
        whole = "/".join(name for name, _ in trail) or "/"
        return whole, trail[-2 if len(trail) > 1 else -1][1], trail[-1][1]

    def _descend(
        self, trail: list[tuple[str, Node]], path: str, floor: int, *, follow: bool
    ) -> list[tuple[str, Node]]:
        todo = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        must_be_directory = path.endswith(("/", "/."))
        trail, links = list(trail), 0
        while todo:
            part = todo.pop()
            here = trail[-1][1]
            if here.kind is not Kind.DIRECTORY:
                raise FileError(errno.ENOTDIR, path)
            if part == "..":
                del trail[max(floor, len(trail) - 1) :]
                continue
            if len(part) > LONGEST_NAME:
                raise FileError(errno.ENAMETOOLONG, path)
            node = here.children.get(part)
            if node is None:
                whole = "/".join([*(name for name, _ in trail), part])
                raise _MissingError(path, here, whole, inner=bool(todo))
            if node.kind is Kind.LINK and (todo or follow):
                links += 1
                if links > _MOST_LINKS:
                    raise FileError(errno.ELOOP, path)
                if node.target.startswith("/"):
                    del trail[floor:]
                todo += [p for p in reversed(node.target.split("/")) if p not in ("", ".")]
                continue
            trail.append((part, node))
        if must_be_directory and trail[-1][1].kind is not Kind.DIRECTORY:
            raise FileError(errno.ENOTDIR, path)
        return trail


class _MissingError(FileError):
    """A name is missing; ``inner`` unless it is the last of its path."""

    def __init__(self, path: str, parent: Node, whole: str, *, inner: bool) -> None:
        super().__init__(errno.ENOENT, path)
        self.parent = parent
        self.whole = whole
        self.inner = inner


def _last(path: str) -> str:
    return posixpath.basename(path.rstrip("/"))


def _below(node: Node, path: str) -> Iterator[tuple[str, Node, Node]]:
    """Give path, parent and node of everything below a directory."""
    for name in sorted(node.children):
        child = node.children[name]
        below = f"{path.rstrip('/')}/{name}"
        yield below, node, child
        yield from _below(child, below)
