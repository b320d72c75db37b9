"""A host's files as one account sees them, from its working directory."""

from __future__ import annotations

import errno
import posixpath
from typing import TYPE_CHECKING, Any, TypeVar

from hvsim.file_commands import (
    LinkFile,
    MakeDirectory,
    RemoveFile,
    RenameFile,
    SetAttributes,
    TruncateFile,
    WriteFile,
)
from hvsim.files import FileError, Kind, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hvsim.commands import Command
    from hvsim.files import Files
    from hvsim.systems import Account, System
    from hvsim.world import World
    from hvsim_fakes.shell.program import Registry

READ, WRITE, SEARCH = 4, 2, 1

_PROGRAM = b"\x7fELF\x01\x01\x01"
"""What reading a command's file gives."""
_Answer = TypeVar("_Answer")


class View:
    """File operations with the rights of an account; every change is a journalled command.

    Paths may be relative to ``cwd``. Every method raises :class:`hvsim.files.FileError`.

    Args:
        root: where this view's ``/`` lies in the system's files.
        registry: commands that are to be seen among the files.
        on_change: told the absolute path of every change.
    """

    def __init__(
        self,
        world: World,
        system: System,
        account: Account,
        *,
        root: str = "/",
        cwd: str = "/",
        registry: Registry | None = None,
        on_change: Callable[[str], object] | None = None,
    ) -> None:
        self._world = world
        self._registry = registry
        self._on_change = on_change
        self._system = system
        self.account = account
        self.root = root
        self.cwd = cwd
        self.umask = 0o022

    def at(self, cwd: str) -> View:
        """Return the same view from another working directory."""
        view = View(
            self._world,
            self._system,
            self.account,
            root=self.root,
            cwd=cwd,
            registry=self._registry,
            on_change=self._on_change,
        )
        view.umask = self.umask
        return view

    @property
    def generation(self) -> int:
        """Another number after every change of the system's files, whoever made it."""
        return self._files.generation

    def absolute(self, path: str) -> str:
        """Return a path as seen from the view's root; its dots are left as they are."""
        if not path:
            raise FileError(errno.ENOENT, path)
        return path if path.startswith("/") else f"{self.cwd.rstrip('/')}/{path}"

    def find(self, path: str, *, follow: bool = True) -> Node:
        """Return what is at a path; not to be changed."""
        with self._world.access():
            return self._find(path, follow=follow)

    def exists(self, path: str, *, follow: bool = True) -> bool:
        """Tell whether a path leads to something."""
        try:
            self.find(path, follow=follow)
        except FileError:
            return False
        return True

    def is_directory(self, path: str) -> bool:
        """Tell whether a path leads to a directory."""
        return self._kind(path) is Kind.DIRECTORY

    def is_file(self, path: str) -> bool:
        """Tell whether a path leads to a file."""
        return self._kind(path) is Kind.FILE

    def _kind(self, path: str) -> Kind | None:
        """Return what a path leads to; asked once, for somebody else may remove it."""
        try:
            return self.find(path).kind
        except FileError:
            return None

    def allows(self, path: str, right: int) -> bool:
        """Tell whether the account may read, write or execute (search) what is at a path."""
        try:
            return self._allowed(self.find(path), right)
        except FileError:
            return False

    def real_path(self, path: str) -> str:
        """Return the absolute path without links and dots."""
        with self._world.access():
            return self._files.real_path(self.absolute(path), self.root)

    def names(self, path: str = ".") -> list[str]:
        """Return the names in a directory, sorted."""
        with self._world.access():
            self._demand(path, READ)
            found = self._named(path, self._files.names)
            programs = self._registry.below(self._normal(path)) if self._registry else ()
            return sorted({*found, *programs}) if programs else found

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        with self._world.access():
            if not self._files.exists(self.absolute(path), self.root) and self._program(path):
                return _PROGRAM
            self._demand(path, READ)
            return self._named(path, self._files.read)

    def text(self, path: str) -> str:
        """Return a file's content as text."""
        return self.read(path).decode("utf-8", "surrogateescape")

    def write(
        self, path: str, data: str | bytes, *, at: int | None = None, mode: int = 0o666
    ) -> None:
        """Write a file, made with ``mode`` less the umask when there is none.

        Args:
            at: None replaces the content, -1 appends to it, else the offset to write at.
        """
        with self._world.access():
            self._demand_writable(path)
            content = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")
            self._change(
                WriteFile,
                path,
                data=content,
                at=at,
                mode=mode & ~self.umask,
                uid=self.account.uid,
                gid=self.account.gid,
            )

    def truncate(self, path: str, size: int) -> None:
        """Give a file ``size`` bytes."""
        with self._world.access():
            self._demand_writable(path)
            self._change(TruncateFile, path, size=size)

    def make_directory(self, path: str, *, mode: int = 0o777) -> None:
        """Make a directory."""
        with self._world.access():
            self._demand_parent(path)
            self._change(
                MakeDirectory,
                path,
                mode=mode & ~self.umask,
                uid=self.account.uid,
                gid=self.account.gid,
            )

    def make_link(self, target: str, path: str, *, hard: bool = False) -> None:
        """Make a link at ``path``: a symbolic one, or a second name of a file."""
        with self._world.access():
            self._demand_parent(path)
            where = self.absolute(target) if hard else target
            self._change(LinkFile, path, target=where, hard=hard)

    def remove(self, path: str) -> None:
        """Remove a name that is no directory's."""
        with self._world.access():
            self._demand_parent(path)
            self._change(RemoveFile, path)

    def remove_directory(self, path: str) -> None:
        """Remove an empty directory."""
        with self._world.access():
            self._demand_parent(path)
            self._change(RemoveFile, path, directory=True)

    def remove_tree(self, path: str) -> None:
        """Remove a path and all below it."""
        with self._world.access():
            self._demand_parent(path)
            self._change(RemoveFile, path, tree=True)

    def rename(self, path: str, to: str) -> None:
        """Move what is at ``path`` to ``to``."""
        with self._world.access():
            self._demand_parent(path)
            self._demand_parent(to)
            self._change(RenameFile, path, to=self.absolute(to))

    def set_attributes(
        self,
        path: str,
        *,
        mode: int | None = None,
        uid: int | None = None,
        gid: int | None = None,
        modified: float | None = None,
    ) -> None:
        """Change permissions, owner, group, or time of modification (simulated seconds)."""
        with self._world.access():
            node = self._find(path)
            chown = (uid, gid) != (None, None)
            if not self.account.privileged and (chown or node.uid != self.account.uid):
                raise FileError(errno.EPERM, path)
            self._change(SetAttributes, path, mode=mode, uid=uid, gid=gid, modified=modified)

    def walk(self, path: str) -> Iterable[tuple[str, Node]]:
        """Return a path and all below it with their nodes, directories before their content."""
        with self._world.access():
            files = self._system.files
            whole = self.absolute(path)
            found = list(self._named(path, lambda _, root: files.walk(whole, root)))
        return [(path + place[len(whole) :], node) for place, node in found]

    def _find(self, path: str, *, follow: bool = True) -> Node:
        self._demand_search(path)
        files = self._files
        try:
            return self._named(path, lambda whole, root: files.find(whole, root, follow=follow))
        except FileError:
            if self._program(path):
                return Node(Kind.FILE, 1, 0o555, content=bytearray(_PROGRAM))
            raise

    @property
    def _files(self) -> Files:
        return self._system.files

    def _normal(self, path: str) -> str:
        return posixpath.normpath(self.absolute(path))

    def _program(self, path: str) -> bool:
        """Tell whether a registered command is what is at a path."""
        return self._registry is not None and self._registry.at(self._normal(path)) is not None

    def _named(self, path: str, ask: Callable[[str, str], _Answer]) -> _Answer:
        """Ask about the absolute path; an error names the path as it was given."""
        try:
            return ask(self.absolute(path), self.root)
        except FileError as error:
            raise FileError(error.number, path) from None

    def _change(self, kind: type[Command], path: str, **fields: Any) -> None:
        whole = self.absolute(path)
        try:
            self._world.execute(
                kind(system=self._system.name, path=whole, root=self.root, **fields)
            )
        except FileError as error:
            raise FileError(error.number, path) from None
        if self._on_change is not None:
            self._on_change(self._normal(path))

    def _allowed(self, node: Node, right: int) -> bool:
        if self.account.privileged:
            return right != SEARCH or node.kind is Kind.DIRECTORY or bool(node.mode & 0o111)
        shift = 6 if node.uid == self.account.uid else 3 if node.gid == self.account.gid else 0
        return (node.mode >> shift) & right == right

    def _demand(self, path: str, right: int) -> None:
        if not self._allowed(self._find(path), right):
            raise FileError(errno.EACCES, path)

    def _demand_writable(self, path: str) -> None:
        try:
            self._demand(path, WRITE)
        except FileError as error:
            if error.number != errno.ENOENT:
                raise
            self._demand_parent(path)

    def _demand_parent(self, path: str) -> None:
        above = posixpath.dirname(self.absolute(path).rstrip("/")) or "/"
        try:
            self._demand(above, WRITE)
        except FileError as error:
            raise FileError(error.number, path) from None

    def _demand_search(self, path: str) -> None:
        """Refuse a path through a directory that the account may not search."""
        if self.account.privileged:
            return
        whole = self.absolute(path)
        for at in [index for index, letter in enumerate(whole) if letter == "/" and index]:
            above = self._system.files
            if above.exists(whole[:at], self.root) and not self._allowed(
                above.find(whole[:at], self.root), SEARCH
            ):
                raise FileError(errno.EACCES, path)
