"""What lies in datastores: the files of the machines that are, or were, registered from there.

There is no other content: a datastore holds what virtual machines put there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import task
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data, date_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter

_PATH: Final = re.compile(r"\[([^\]]*)\] ?(.*)")
_SMALL: Final = {"vmx": 2_048, "nvram": 8_684, "vmsd": 0, "log": 65_536}
"""Bytes of files whose size says nothing."""
_KINDS: Final = {"vmx": "VmConfigFileInfo", "vmdk": "VmDiskFileInfo", "log": "VmLogFileInfo"}
_QUERIES: Final = {
    "FloppyImageFileQuery": "flp",
    "IsoImageFileQuery": "iso",
    "VmConfigFileQuery": "vmx",
    "VmDiskFileQuery": "vmdk",
    "VmLogFileQuery": "log",
    "VmNvramFileQuery": "nvram",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file, by directory and name, with its size in bytes."""

    directory: str
    name: str
    size: int

    @property
    def kind(self) -> str:
        """The extension of its name."""
        return self.name.rpartition(".")[2]


def files(vcenter: VCenter, datastore: str) -> list[File]:
    """Return the files in a datastore, by its name, sorted by path."""
    found: set[File] = set()
    for vm in vcenter.store.of_type("VirtualMachine"):
        found.update(_of_machine(vm["config"], vm["runtime.powerState"], datastore))
    for properties, inside in vcenter.unregistered.values():
        found.update(_of_machine(properties["config"], inside.power, datastore))
    return sorted(found, key=lambda file: (file.directory, file.name))


def _of_machine(config: Data, power: str, datastore: str) -> Iterator[File]:
    named = _PATH.fullmatch(config["files"]["vmPathName"] or "")
    if named is not None and named[1] == datastore:
        directory, _, name = named[2].rpartition("/")
        stem = name.rpartition(".")[0]
        for kind, size in _SMALL.items():
            if kind != "log" or power == "poweredOn":
                yield File(directory, "vmware.log" if kind == "log" else f"{stem}.{kind}", size)
    for device in config["hardware"]["device"] or ():
        backing = device["backing"]
        named = _PATH.fullmatch((backing and backing["fileName"]) or "")
        if named is not None and named[1] == datastore and device.type == "VirtualDisk":
            directory, _, name = named[2].rpartition("/")
            yield File(directory, name, (device["capacityInKB"] or 0) * 1024)


@method("HostDatastoreBrowser.SearchDatastore_Task")
def search(call: Call, this: Ref, datastorePath: str, searchSpec: Data | None = None) -> Ref:
    """List the files in a directory of a datastore; gives ``HostDatastoreBrowserSearchResults``.

    Fails with ``InvalidDatastorePath`` or ``FileNotFound``.
    """
    datastore = _datastore(call, this, datastorePath)

    def steps() -> Steps:
        return _listed(call.vcenter, datastore, _directory(datastorePath), searchSpec)
        yield

    return task.start(call, datastore, steps(), locks=())


@method("HostDatastoreBrowser.SearchDatastoreSubFolders_Task")
def search_below(call: Call, this: Ref, datastorePath: str, searchSpec: Data | None = None) -> Ref:
    """List the files in a directory of a datastore, and in all below it."""
    datastore = _datastore(call, this, datastorePath)

    def steps() -> Steps:
        top = _directory(datastorePath)
        name = call.store.value(datastore, "name")
        below = {f.directory for f in files(call.vcenter, name) if _within(f.directory, top)}
        return [_listed(call.vcenter, datastore, one, searchSpec) for one in sorted({top, *below})]
        yield

    return task.start(call, datastore, steps(), locks=())


def _within(directory: str, top: str) -> bool:
    return not top or directory == top or directory.startswith(f"{top}/")


def _directory(path: str) -> str:
    named = _PATH.fullmatch(path)
    return named[2].strip("/") if named is not None else ""


def _datastore(call: Call, browser: Ref, path: str) -> Ref:
    """Return the datastore that a path names, of those that a browser looks into."""
    named = _PATH.fullmatch(path)
    if named is None:
        raise VimFault("InvalidDatastorePath", datastorePath=path)
    for found in call.store.of_type("Datastore"):
        if found["name"] == named[1] and _looks_into(call, browser, found.ref):
            return found.ref
    raise VimFault("InvalidDatastorePath", datastorePath=path)


def _looks_into(call: Call, browser: Ref, datastore: Ref) -> bool:
    if call.store.value(datastore, "browser") == browser:
        return True
    hosts = call.store.of_type("HostSystem")
    host = next((one for one in hosts if one["datastoreBrowser"] == browser), None)
    return host is not None and datastore in (host["datastore"] or ())


def _listed(vcenter: VCenter, datastore: Ref, directory: str, spec: Data | None) -> Data:
    name = vcenter.store.value(datastore, "name")
    known = files(vcenter, name)
    inner = {
        file.directory[len(directory) :].strip("/").partition("/")[0]
        for file in known
        if _within(file.directory, directory)
    } - {""}
    here = [file for file in known if file.directory == directory]
    if directory and not (here or inner):
        path = f"[{name}] {directory}"
        raise VimFault("FileNotFound", file=path, msg=f"File {path} was not found")
    wanted = _Wanted(spec)
    found = [wanted.folder(one) for one in sorted(inner) if wanted.takes(one, "folder")]
    found += [wanted.file(one) for one in here if wanted.takes(one.name, one.kind)]
    return data(
        "HostDatastoreBrowserSearchResults",
        datastore=datastore,
        folderPath=f"[{name}] {directory}".rstrip() + ("/" if directory else ""),
        file=found,
    )


class _Wanted:
    """What a search is for, and what it is to tell of each file."""

    def __init__(self, spec: Data | None) -> None:
        self._patterns: list[str] = (spec["matchPattern"] or []) if spec is not None else []
        self._fold = bool(spec is not None and spec["searchCaseInsensitive"])
        queries: list[Data] = (spec["query"] or []) if spec is not None else []
        self._kinds = {_QUERIES.get(one.type, "folder") for one in queries}
        if any(one.type == "FileQuery" for one in queries):
            self._kinds = set()
        self._details: Data = (spec["details"] if spec is not None else None) or Data("", {})
        if any(not pattern for pattern in self._patterns):
            raise bad_argument("searchSpec.matchPattern")

    def takes(self, name: str, kind: str) -> bool:
        """Whether a file is among what is searched."""
        if self._kinds and kind not in self._kinds:
            return False
        if self._fold:
            name = name.lower()
        patterns = [one.lower() if self._fold else one for one in self._patterns]
        return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)

    def folder(self, name: str) -> Data:
        """Return a directory as it is told of."""
        return data(self._type("FolderFileInfo"), path=name, **self._shown(0))

    def file(self, file: File) -> Data:
        """Return a file as it is told of."""
        return data(self._type(_KINDS.get(file.kind)), path=file.name, **self._shown(file.size))

    def _type(self, name: str | None) -> str:
        return (
            name if name is not None and (self._details["fileType"] or self._kinds) else "FileInfo"
        )

    def _shown(self, size: int) -> dict[str, Any]:
        details = self._details
        return {
            "fileSize": size if details["fileSize"] else None,
            "modification": date_at(-86_400.0) if details["modification"] else None,
            "owner": "root" if details["fileOwner"] else None,
        }
