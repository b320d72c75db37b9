"""sftp and scp on a host's simulated files.

Every method of the library's server class is replaced: its own ones reach for the files of the
machine that the simulator runs on.
"""

from __future__ import annotations

import errno
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeVar

from asyncssh import (
    FILEXFER_TYPE_DIRECTORY,
    FILEXFER_TYPE_REGULAR,
    FILEXFER_TYPE_SPECIAL,
    FILEXFER_TYPE_SYMLINK,
    FXF_APPEND,
    FXF_CREAT,
    FXF_EXCL,
    FXF_READ,
    FXF_TRUNC,
    FXF_WRITE,
    SFTPAttrs,
    SFTPName,
    SFTPOpUnsupported,
    SFTPServer,
    SFTPVFSAttrs,
)

from hvsim.files import FileError, Kind
from hvsim_fakes.shell.view import View

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from asyncssh import SSHServerChannel

    from hvsim.files import Node
    from hvsim.systems import Account
    from hvsim_fakes.ssh.gate import ShellGate

_BLOCK = 4_096
_TYPES = {
    Kind.FILE: (stat.S_IFREG, FILEXFER_TYPE_REGULAR),
    Kind.DIRECTORY: (stat.S_IFDIR, FILEXFER_TYPE_DIRECTORY),
    Kind.LINK: (stat.S_IFLNK, FILEXFER_TYPE_SYMLINK),
    Kind.DEVICE: (stat.S_IFCHR, FILEXFER_TYPE_SPECIAL),
}
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class _Handle:
    """An open file."""

    path: str
    node: Node
    append: bool
    readable: bool
    writable: bool


class Transfer(SFTPServer):
    """Serves one client's sftp or scp session with the rights of its account."""

    def __init__(
        self, channel: SSHServerChannel[bytes], gate: ShellGate, account: Account, peer: str
    ) -> None:
        super().__init__(channel)
        self._gate = gate
        self._peer = peer
        host = gate.host
        self._view = View(
            gate.world,
            host.system,
            account,
            root=host.root,
            cwd=account.home,
            registry=host.registry,
        )
        self._channel = channel

    # Names

    def format_user(self, uid: int | None) -> str:
        """Return an account's name, or its number."""
        accounts = self._gate.host.system.accounts.values()
        return next((one.name for one in accounts if one.uid == uid), str(uid))

    def format_group(self, gid: int | None) -> str:
        """Return a group's name, or its number."""
        accounts = self._gate.host.system.accounts.values()
        return next((one.group for one in accounts if one.gid == gid), str(gid))

    def map_path(self, path: bytes) -> bytes:
        """Return the path: there is nothing to map it to."""
        return path

    def reverse_map_path(self, path: bytes) -> bytes:
        """Return the path: it was never mapped."""
        return path

    # Files

    async def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        """Open a file."""
        write = bool(pflags & (FXF_WRITE | FXF_APPEND))
        return await self._do(
            "open", path, lambda name: self._open(name, pflags, attrs, write=write), write=write
        )

    def _open(self, name: str, pflags: int, attrs: SFTPAttrs, *, write: bool) -> _Handle:
        view = self._view
        mode = 0o666 if attrs.permissions is None else attrs.permissions & 0o7777
        exists = view.exists(name)
        if exists and view.is_directory(name):
            raise FileError(errno.EISDIR, name)
        if exists and pflags & FXF_CREAT and pflags & FXF_EXCL:
            raise FileError(errno.EEXIST, name)
        if write and (exists or pflags & FXF_CREAT):
            fresh = bool(pflags & FXF_TRUNC) or not exists
            view.write(name, b"", at=None if fresh else -1, mode=mode)
        if pflags & FXF_READ or not write:
            view.read(name)
        node = view.find(name)
        readable = bool(pflags & FXF_READ) or not write
        return _Handle(view.absolute(name), node, bool(pflags & FXF_APPEND), readable, write)

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: SFTPAttrs) -> NoReturn:
        """Refuse: only version 3 of the protocol is spoken."""
        raise SFTPOpUnsupported("not supported")

    def close(self, file_obj: object) -> None:
        """Close a file: nothing is kept for it."""

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Return a part of a file."""
        handle = self._handle(file_obj)

        def read() -> bytes:
            if not handle.readable:
                raise FileError(errno.EBADF, handle.path)
            with self._gate.world.access():
                return bytes(handle.node.content[offset : offset + size])

        return await self._plainly(read)

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write a part of a file."""
        handle = self._handle(file_obj)

        def write() -> int:
            if not handle.writable:
                raise FileError(errno.EBADF, handle.path)
            self._view.write(handle.path, bytes(data), at=-1 if handle.append else offset)
            return len(data)

        return await self._plainly(write)

    async def fsync(self, file_obj: object) -> None:
        """Do nothing: what was written is there."""

    def lock(self, file_obj: object, offset: int, length: int, flags: int) -> NoReturn:
        """Refuse: only version 3 of the protocol is spoken."""
        raise SFTPOpUnsupported("not supported")

    def unlock(self, file_obj: object, offset: int, length: int) -> NoReturn:
        """Refuse: only version 3 of the protocol is spoken."""
        raise SFTPOpUnsupported("not supported")

    # Attributes

    async def stat(self, path: bytes) -> SFTPAttrs:
        """Return the attributes of what a path leads to."""
        return await self._plainly(lambda: self._attributes(self._view.find(_text(path))))

    async def lstat(self, path: bytes) -> SFTPAttrs:
        """Return the attributes of a link itself."""
        return await self._plainly(
            lambda: self._attributes(self._view.find(_text(path), follow=False))
        )

    async def fstat(self, file_obj: object) -> SFTPAttrs:
        """Return the attributes of an open file."""
        handle = self._handle(file_obj)
        return await self._plainly(lambda: self._attributes(handle.node))

    async def setstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Change attributes."""
        await self._do("setstat", path, lambda name: self._set(name, attrs))

    async def lsetstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Change attributes; those of a link cannot be."""
        if stat.S_ISLNK((await self.lstat(path)).permissions or 0):
            return
        await self.setstat(path, attrs)

    async def fsetstat(self, file_obj: object, attrs: SFTPAttrs) -> None:
        """Change the attributes of an open file."""
        handle = self._handle(file_obj)
        await self._do("setstat", handle.path.encode(), lambda name: self._set(name, attrs))

    def statvfs(self, path: bytes) -> SFTPVFSAttrs:
        """Return the size of the file system."""
        return self._statistics()

    def fstatvfs(self, file_obj: object) -> SFTPVFSAttrs:
        """Return the size of the file system."""
        return self._statistics()

    # Directories and names

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        """Give the entries of a directory."""

        def entries() -> list[SFTPName]:
            name = _text(path)
            found = [SFTPName(b".", attrs=self._attributes(self._view.find(name)))]
            found.append(SFTPName(b"..", attrs=self._attributes(self._view.find(f"{name}/.."))))
            for child in self._view.names(name):
                node = self._view.find(f"{name}/{child}", follow=False)
                found.append(SFTPName(_bytes(child), attrs=self._attributes(node)))
            return found

        for entry in await self._do("readdir", path, lambda _: entries(), write=False):
            yield entry

    async def listdir(self, path: bytes) -> list[bytes]:
        """Return the names in a directory."""
        return [_bytes(name) for name in await self._plainly(lambda: self._view.names(_text(path)))]

    async def remove(self, path: bytes) -> None:
        """Remove a file."""
        await self._do("remove", path, self._view.remove)

    async def mkdir(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Make a directory."""
        mode = 0o777 if attrs.permissions is None else attrs.permissions & 0o7777
        await self._do("mkdir", path, lambda name: self._view.make_directory(name, mode=mode))

    async def rmdir(self, path: bytes) -> None:
        """Remove an empty directory."""
        await self._do("rmdir", path, self._view.remove_directory)

    async def realpath(self, path: bytes) -> bytes:
        """Return the absolute path."""

        def real() -> bytes:
            name = _text(path)
            try:
                return _bytes(self._view.real_path(name or "."))
            except FileError:
                # What is yet to be made has a path too, if what is above it exists.
                above, _, last = self._view.absolute(name).rstrip("/").rpartition("/")
                base = self._view.real_path(above or "/")
                return _bytes(f"{base.rstrip('/')}/{last}")

        return await self._plainly(real)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Move, but not in the place of anything."""

        def move(name: str) -> None:
            if self._view.exists(_text(newpath), follow=False):
                raise FileError(errno.EEXIST, name)
            self._view.rename(name, _text(newpath))

        await self._do("rename", oldpath, move)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Move, in the place of what is there."""
        await self._do("rename", oldpath, lambda name: self._view.rename(name, _text(newpath)))

    async def readlink(self, path: bytes) -> bytes:
        """Return where a link leads."""

        def target() -> bytes:
            node = self._view.find(_text(path), follow=False)
            if node.kind is not Kind.LINK:
                raise FileError(errno.EINVAL, _text(path))
            return _bytes(node.target)

        return await self._plainly(target)

    async def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """Make a link at ``newpath``."""
        await self._do("symlink", newpath, lambda name: self._view.make_link(_text(oldpath), name))

    async def link(self, oldpath: bytes, newpath: bytes) -> None:
        """Give a file a second name."""
        await self._do(
            "link", newpath, lambda name: self._view.make_link(_text(oldpath), name, hard=True)
        )

    def exit(self) -> None:
        """Tell the client that all went well; without that scp takes it for a failure."""
        if not self._channel.is_closing():
            self._channel.exit(0)

    # Inside

    def _handle(self, file_obj: object) -> _Handle:
        assert isinstance(file_obj, _Handle)  # noqa: S101 - the library gives back what it got
        return file_obj

    async def _plainly(self, work: Callable[[], _Result]) -> _Result:
        """Do it in a thread, with errors as the library passes them on."""

        def careful() -> _Result:
            try:
                return work()
            except FileError as error:
                raise OSError(error.number, error.reason) from None

        return await self._gate.loop.in_thread(careful)

    async def _do(
        self, verb: str, path: bytes, work: Callable[[str], _Result], *, write: bool = True
    ) -> _Result:
        """Do it, and note it in the wire log."""
        name, outcome = _text(path), "ok"
        try:
            return await self._plainly(lambda: work(name))
        except OSError as error:
            outcome = error.strerror or "failure"
            raise
        finally:
            call = f"sftp {verb}"
            self._gate.note(self._peer, call, {"path": name}, is_write=write, outcome=outcome)

    def _attributes(self, node: Node) -> SFTPAttrs:
        when = int(self._gate.host.epoch + node.modified)
        bits, kind = _TYPES[node.kind]
        return SFTPAttrs(
            type=kind,
            size=node.size,
            uid=node.uid,
            gid=node.gid,
            permissions=bits | node.mode,
            atime=when,
            mtime=when,
            nlink=node.links,
        )

    def _set(self, name: str, attrs: SFTPAttrs) -> None:
        if attrs.size is not None:
            self._view.truncate(name, attrs.size)
        modified = None if attrs.mtime is None else attrs.mtime - self._gate.host.epoch
        mode = None if attrs.permissions is None else attrs.permissions & 0o7777
        self._view.set_attributes(name, mode=mode, uid=attrs.uid, gid=attrs.gid, modified=modified)

    def _statistics(self) -> SFTPVFSAttrs:
        files = self._gate.host.system.files
        blocks = files.capacity // _BLOCK
        free = max(0, files.capacity - files.used) // _BLOCK
        return SFTPVFSAttrs(
            bsize=_BLOCK, frsize=_BLOCK, blocks=blocks, bfree=free, bavail=free, namemax=255
        )


def _text(path: bytes | str) -> str:
    return path if isinstance(path, str) else path.decode("utf-8", "surrogateescape")


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
