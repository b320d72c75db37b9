"""A host's files and the sandbox's, kept alike both ways."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from hvsim.files import FileError, Kind
from hvsim_fakes.sandbox.bubble import Nothing
from hvsim_fakes.shell.view import READ

if TYPE_CHECKING:
    from hvsim.files import Node
    from hvsim.world import World
    from hvsim_fakes.sandbox.bubble import Bubble
    from hvsim_fakes.shell.view import View

_KEPT_OUT = frozenset({"bin", "dev", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "usr"})
"""What is at the top and has another content in the sandbox: commands, devices, libraries."""
_MIRRORED = frozenset({Kind.FILE, Kind.DIRECTORY, Kind.LINK})


class Changed(msgspec.Struct):
    """A file that the program made or changed; ``data`` of a file, ``target`` of a link."""

    path: str
    kind: Literal["file", "directory", "link"]
    mode: int
    data: bytes = b""
    target: str = ""


class Changes(msgspec.Struct):
    """What the program changed: directories before their content."""

    entries: list[Changed]
    removed: list[str]


@dataclass(frozen=True, slots=True)
class _Shape:
    kind: str
    mode: int
    data: bytes | None
    """None for a file that the account may not read."""
    target: str


class Mirror:
    """Keeps the files of a host, as far as an account has rights to them, and a sandbox's alike.

    Args:
        view: the account's files.
        epoch: Unix time at which the lab began.
    """

    def __init__(self, world: World, view: View, bubble: Bubble, epoch: float) -> None:
        self._world = world
        self._view = view.at("/")
        self._view.umask = 0
        self._bubble = bubble
        self._epoch = epoch
        self._known: dict[str, _Shape] = {}
        self._alike = -1
        """The generation of the host's files that the sandbox has; -1 for none."""
        self._lock = threading.Lock()
        self.refused: dict[str, str] = {}
        """Why changes of the program were not kept, by path."""

    def push(self) -> None:
        """Show the program what changed on the host."""
        with self._lock:
            entries, removed = self._since_last()
            if entries or removed:
                self._bubble.ask(Nothing, "put", entries=entries, removed=removed)

    def pull(self) -> None:
        """Make on the host what the program changed."""
        with self._lock:
            changes = self._bubble.ask(Changes, "changes")
            with self._world.access():
                nobody_else = self._alike == self._view.generation
                for path in sorted(changes.removed, reverse=True):
                    self._known.pop(path, None)
                    self._carefully(path, lambda path=path: self._remove(path))
                for entry in changes.entries:
                    if not _kept_out(entry.path):
                        self._carefully(entry.path, lambda entry=entry: self._take(entry))
                if nobody_else:
                    self._alike = self._view.generation

    def _since_last(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Return what changed on the host, and the paths that are no more."""
        entries: list[dict[str, Any]] = []
        seen: dict[str, None] = {}
        with self._world.access():
            generation = self._view.generation
            if generation == self._alike:
                return [], []
            for path, node in self._view.walk("/"):
                if node.kind not in _MIRRORED or _kept_out(path):
                    continue
                seen[path] = None
                entry = self._news(path, node)
                if entry is not None:
                    entries.append(entry)
            self._alike = generation
        removed = [path for path in self._known if path not in seen]
        for path in removed:
            del self._known[path]
        return entries, removed

    def _news(self, path: str, node: Node) -> dict[str, Any] | None:
        """Return what to tell about a file; None when the sandbox has it so already."""
        known = self._known.get(path)
        readable = self._view.account.privileged or self._view.allows(path, READ)
        data = node.content if readable else None
        same = known is not None and (known.kind, known.mode, known.target) == (
            node.kind,
            node.mode,
            node.target,
        )
        if same and known is not None and known.data == data:
            return None
        content = None if data is None else bytes(data)
        self._known[path] = _Shape(node.kind, node.mode, content, node.target)
        return {
            "path": path,
            "kind": node.kind,
            "mode": node.mode if readable else 0,
            "data": content or b"",
            "target": node.target,
            "modified": self._epoch + node.modified,
        }

    def _carefully(self, path: str, work: Any) -> None:
        try:
            work()
        except FileError as error:
            self.refused[path] = error.reason

    def _remove(self, path: str) -> None:
        if self._view.exists(path, follow=False):
            self._view.remove_tree(path)

    def _take(self, entry: Changed) -> None:
        view, path = self._view, entry.path
        there = view.find(path, follow=False) if view.exists(path, follow=False) else None
        if there is not None and (there.kind != entry.kind or entry.kind == "link"):
            view.remove_tree(path)
            there = None
        if entry.kind == "link":
            view.make_link(entry.target, path)
        elif entry.kind == "directory":
            if there is None:
                view.make_directory(path, mode=entry.mode)
        elif there is None or there.content != entry.data:
            view.write(path, entry.data, mode=entry.mode)
        node = view.find(path, follow=False)
        if entry.kind != "link" and node.mode != entry.mode:
            view.set_attributes(path, mode=entry.mode)
        self._known[path] = _Shape(entry.kind, node.mode, bytes(node.content), node.target)


def _kept_out(path: str) -> bool:
    """Tell whether a path is none of the host's; one that is no absolute path is nobody's."""
    return not path.startswith("/") or path == "/" or path.split("/", 2)[1] in _KEPT_OUT
