"""Changes of a system's files that somebody from outside makes, as journalled commands."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from hvsim.commands import Command, command
from hvsim.systems import system_of

if TYPE_CHECKING:
    from hvsim.files import Files
    from hvsim.world import World


class FileCommand(Command, frozen=True, kw_only=True):
    """A change of the file at ``path`` below ``root`` in the files of ``system``."""

    system: str
    path: str
    root: str = "/"

    def apply(self, world: World) -> Any:
        """Make the change and log it; raises FileError."""
        files = system_of(world, self.system).files
        before = self._shape(files)
        self.change(files)
        subject = f"{self.system}{posixpath.normpath(self.root + '/' + self.path)}"
        world.log.append("file", subject.replace("//", "/"), before, self._shape(files))

    def change(self, files: Files) -> None:
        """Make the change."""
        raise NotImplementedError

    def _shape(self, files: Files) -> dict[str, Any] | None:
        if not files.exists(self.path, self.root, follow=False):
            return None
        node = files.find(self.path, self.root, follow=False)
        owner = f"{node.uid}:{node.gid}"
        return {"kind": node.kind, "mode": f"{node.mode:o}", "owner": owner, "size": node.size}


@command("file.write")
class WriteFile(FileCommand, frozen=True, kw_only=True):
    """Write ``data``: in place of the content, at its end (``at`` -1) or at an offset."""

    data: bytes
    at: int | None = None
    mode: int = 0o644
    uid: int = 0
    gid: int = 0

    def change(self, files: Files) -> None:
        """Write."""
        owner = (self.uid, self.gid)
        files.write(self.path, self.data, self.root, at=self.at, mode=self.mode, owner=owner)


@command("file.truncate")
class TruncateFile(FileCommand, frozen=True, kw_only=True):
    """Give a file ``size`` bytes."""

    size: int

    def change(self, files: Files) -> None:
        """Cut or lengthen."""
        files.truncate(self.path, self.size, self.root)


@command("file.mkdir")
class MakeDirectory(FileCommand, frozen=True, kw_only=True):
    """Make a directory."""

    mode: int = 0o755
    uid: int = 0
    gid: int = 0

    def change(self, files: Files) -> None:
        """Make it."""
        owner = (self.uid, self.gid)
        files.make_directory(self.path, self.root, mode=self.mode, owner=owner)


@command("file.link")
class LinkFile(FileCommand, frozen=True, kw_only=True):
    """Make a link to ``target``, a symbolic one unless it is ``hard``."""

    target: str
    hard: bool = False

    def change(self, files: Files) -> None:
        """Make it."""
        if self.hard:
            files.link(self.target, self.path, self.root)
        else:
            files.make_link(self.target, self.path, self.root)


@command("file.remove")
class RemoveFile(FileCommand, frozen=True, kw_only=True):
    """Remove a name; ``tree`` takes a directory with all below it."""

    directory: bool = False
    tree: bool = False

    def change(self, files: Files) -> None:
        """Remove it."""
        if self.tree:
            files.remove_tree(self.path, self.root)
        elif self.directory:
            files.remove_directory(self.path, self.root)
        else:
            files.remove(self.path, self.root)


@command("file.rename")
class RenameFile(FileCommand, frozen=True, kw_only=True):
    """Move it to ``to``."""

    to: str

    def change(self, files: Files) -> None:
        """Move it."""
        files.rename(self.path, self.to, self.root)


@command("file.attributes")
class SetAttributes(FileCommand, frozen=True, kw_only=True):
    """Change permissions, owner, group or time of modification; None leaves one as it is."""

    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    modified: float | None = None

    def change(self, files: Files) -> None:
        """Change them."""
        if self.mode is not None:
            files.set_mode(self.path, self.mode, self.root)
        if self.uid is not None or self.gid is not None:
            uid = -1 if self.uid is None else self.uid
            gid = -1 if self.gid is None else self.gid
            files.set_owner(self.path, uid, gid, self.root)
        if self.modified is not None:
            files.set_time(self.path, self.modified, self.root)
