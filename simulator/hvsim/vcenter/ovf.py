"""OVF descriptors as they are read: one virtual machine, its hardware, disks, networks and files.

Source: DMTF DSP0243 (Open Virtualization Format), with the units of DSP0004.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Final

from hvsim.vcenter.faults import VimFault

_LARGEST: Final = 4 * 1024 * 1024
"""Characters that a descriptor has at most."""
_MOST: Final = 2**62
"""Bytes, or pieces, of which no package has more."""
_UNITS: Final = re.compile(r"byte(?:\s*\*\s*([0-9]{1,4})(?:\^([0-9]{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the package; ``size`` is bytes, 0 where the descriptor says nothing."""

    id: str
    href: str
    size: int


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of hardware: CIM's number of its type, and what it hangs on."""

    id: str
    name: str
    type: int
    subtype: str
    parent: str
    address: str
    quantity: int
    connection: str
    resource: str


@dataclass(slots=True)
class Package:
    """What a descriptor says; ``disks`` are bytes and file by identifier, ``networks`` names."""

    name: str = ""
    annotation: str = ""
    system: str = ""
    version: str = ""
    eula: list[str] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    disks: dict[str, tuple[int, File | None]] = field(default_factory=dict)
    networks: dict[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)

    @property
    def download(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files.values())

    @property
    def capacity(self) -> int:
        """Bytes of all its disks when they are written in full."""
        return sum(size for size, _ in self.disks.values())


def parse(descriptor: str) -> Package:
    """Read a descriptor.

    Raises:
        VimFault: ``OvfXmlFormat`` for what is no XML or declares a document type,
            ``OvfMissingElement`` without a virtual machine, or
            ``OvfInvalidValueFormatMalformed`` for disks that no datastore could hold.
    """
    if len(descriptor) > _LARGEST or "<!DOCTYPE" in descriptor:
        raise _malformed("The descriptor is too long or declares a document type.", 1)
    try:
        root = ET.fromstring(descriptor)  # noqa: S314 - bounded, and no entity can be declared
    except (ET.ParseError, ValueError) as error:
        line = error.position[0] if isinstance(error, ET.ParseError) else 1
        raise _malformed(str(error), line) from None
    system = root.find("{*}VirtualSystem")
    if system is None:
        text = "The OVF descriptor has no VirtualSystem."
        raise VimFault("OvfMissingElement", msg=text, name="VirtualSystem", lineNumber=1)
    found = Package(files=_files(root), networks=_networks(root))
    found.disks = _disks(root, found.files)
    if found.capacity > _MOST:
        text = "The OVF descriptor has a disk that is too large."
        raise VimFault("OvfInvalidValueFormatMalformed", msg=text, name="capacity", value="")
    _read_system(found, system)
    return found


def _malformed(description: str, line: int) -> VimFault:
    text = f"The OVF descriptor is not valid: {description}"
    return VimFault("OvfXmlFormat", msg=text, description=description, lineNumber=line)


def _attribute(element: ET.Element, name: str) -> str:
    """Return an attribute, whatever namespace it is written with."""
    return next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == name), "")


def _text(element: ET.Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def number(text: str) -> int:
    """Return a whole number, 0 for what is none or larger than any here."""
    found = int(text) if text.isascii() and text.strip().isdecimal() and len(text) < 20 else 0
    return min(found, _MOST)


def _files(root: ET.Element) -> dict[str, File]:
    made = (
        File(_attribute(one, "id"), _attribute(one, "href"), number(_attribute(one, "size")))
        for one in root.findall("{*}References/{*}File")
    )
    return {file.id: file for file in made}


def _disks(root: ET.Element, files: dict[str, File]) -> dict[str, tuple[int, File | None]]:
    return {
        _attribute(one, "diskId"): (
            number(_attribute(one, "capacity")) * unit(_attribute(one, "capacityAllocationUnits")),
            files.get(_attribute(one, "fileRef")),
        )
        for one in root.findall("{*}DiskSection/{*}Disk")
    }


def unit(text: str) -> int:
    """Return the bytes of a unit (``byte * 2^20``); 1 for none or one that is unknown."""
    found = _UNITS.fullmatch(text.strip())
    if found is None or found[1] is None:
        return 1
    size: int = int(found[1]) ** int(found[2] or "1")
    return min(size, _MOST)


def _networks(root: ET.Element) -> dict[str, str]:
    return {
        _attribute(one, "name"): _text(one, "Description")
        for one in root.findall("{*}NetworkSection/{*}Network")
    }


def _read_system(found: Package, system: ET.Element) -> None:
    found.name = _text(system, "Name") or _attribute(system, "id")
    found.annotation = (system.findtext("{*}AnnotationSection/{*}Annotation") or "").strip()
    known = system.find("{*}OperatingSystemSection")
    found.system = "" if known is None else _attribute(known, "osType")
    found.eula = [_text(one, "License") for one in system.findall("{*}EulaSection")]
    hardware = system.find("{*}VirtualHardwareSection")
    if hardware is None:
        return
    kinds = hardware.findtext("{*}System/{*}VirtualSystemType") or ""
    found.version = kinds.split(",")[0].strip()
    found.items = [_item(one) for one in hardware.findall("{*}Item")]


def _item(one: ET.Element) -> Item:
    return Item(
        id=_text(one, "InstanceID"),
        name=_text(one, "ElementName"),
        type=number(_text(one, "ResourceType")),
        subtype=_text(one, "ResourceSubType").lower(),
        parent=_text(one, "Parent"),
        address=_text(one, "AddressOnParent") or _text(one, "Address"),
        quantity=number(_text(one, "VirtualQuantity"))
        * (unit(_text(one, "AllocationUnits")) if _text(one, "ResourceType") == "4" else 1),
        connection=_text(one, "Connection"),
        resource=_text(one, "HostResource").rpartition("/")[2],
    )
