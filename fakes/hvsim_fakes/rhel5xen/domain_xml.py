"""Guests' descriptions in libvirt's XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from hvsim.rhel5xen.configuration import ACTIONS, Configuration
from hvsim_fakes.rhel5xen.libvirt_error import Code, LibvirtError, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST: Final = 262_144
"""Characters of the largest description that is read."""
_UNITS: Final = {"b": 1, "bytes": 1, "KB": 1000, "k": 1024, "KiB": 1024, "": 1024}
_UNITS_MORE: Final = {"MB": 10**6, "M": 2**20, "MiB": 2**20, "G": 2**30, "GiB": 2**30}
_LOADER: Final = "/usr/lib/xen/boot/hvmloader"


def render(config: Configuration, number: int, memory: int, maxmem: int, vcpus: int) -> str:
    """Return a description; ``number`` -1 for a guest that has no domain. Memory in KiB."""
    identity = f" id='{number}'" if number >= 0 else ""
    lines = [
        f"<domain type='xen'{identity}>",
        f"  <name>{escape(config.name)}</name>",
        f"  <uuid>{config.uuid}</uuid>",
        f"  <memory>{maxmem}</memory>",
        f"  <currentMemory>{memory}</currentMemory>",
        f"  <vcpu>{max(vcpus, config.vcpus) if number else vcpus}</vcpu>",
        *_system(config),
        f"  <clock offset='{'localtime' if config.hvm else 'utc'}'/>",
        f"  <on_poweroff>{config.on_poweroff}</on_poweroff>",
        f"  <on_reboot>{config.on_reboot}</on_reboot>",
        f"  <on_crash>{config.on_crash}</on_crash>",
        "  <devices>",
        *(line for disk in config.disks for line in _disk(disk, hvm=config.hvm)),
        *(line for index, vif in enumerate(config.vifs) for line in _vif(vif, number, index)),
        "  </devices>",
        "</domain>",
        "",
    ]
    return "\n".join(lines)


def _system(config: Configuration) -> Iterator[str]:
    if config.hvm:
        yield from ("  <os>", "    <type>hvm</type>", f"    <loader>{_LOADER}</loader>")
        yield from ("    <boot dev='hd'/>", "  </os>", "  <features>", "    <acpi/>")
        yield from ("    <apic/>", "    <pae/>", "  </features>")
        return
    if config.bootloader:
        yield f"  <bootloader>{escape(config.bootloader)}</bootloader>"
    yield from ("  <os>", "    <type>linux</type>")
    if config.kernel:
        yield f"    <kernel>{escape(config.kernel)}</kernel>"
    if config.ramdisk:
        yield f"    <initrd>{escape(config.ramdisk)}</initrd>"
    yield "  </os>"


def _disk(disk: str, *, hvm: bool) -> Iterator[str]:
    source, device, mode = [*disk.split(","), "", "", ""][:3]
    scheme, _, path = source.rpartition(":")
    driver, _, kind = scheme.partition(":")
    block = driver == "phy"
    yield f"    <disk type='{'block' if block else 'file'}' device='disk'>"
    subtype = f" type={quoteattr(kind)}" if kind else ""
    yield f"      <driver name={quoteattr(driver or 'file')}{subtype}/>"
    yield f"      <source {'dev' if block else 'file'}={quoteattr(path)}/>"
    name, bus = device.partition(":")[0], "ide" if hvm else "xen"
    yield f"      <target dev={quoteattr(name)} bus='{bus}'/>"
    if mode == "r":
        yield "      <readonly/>"
    yield "    </disk>"


def _vif(vif: str, number: int, index: int) -> Iterator[str]:
    values = dict(part.strip().partition("=")[::2] for part in vif.split(","))
    yield "    <interface type='bridge'>"
    if "mac" in values:
        yield f"      <mac address={quoteattr(values['mac'])}/>"
    if "bridge" in values:
        yield f"      <source bridge={quoteattr(values['bridge'])}/>"
    if "script" in values:
        yield f"      <script path={quoteattr(values['script'])}/>"
    if number > 0:
        yield f"      <target dev='vif{number}.{index}'/>"
    yield "    </interface>"


def parse(text: str) -> Configuration:
    """Return what a description says of a guest; raises :class:`LibvirtError`."""
    root = _tree(text)
    if root.tag != "domain":
        raise _bad(f"unexpected root element <{root.tag}>")
    if root.get("type") != "xen":
        raise _bad(f"unexpected domain type {root.get('type')}")
    name, hvm = _word(root, "name"), _word(root, "os/type") == "hvm"
    if not name or "/" in name or "\n" in name:
        raise _bad("missing name information")
    maxmem = _memory(root, "memory")
    memory = _memory(root, "currentMemory", maxmem)
    return Configuration(
        name=name,
        uuid=_uuid(_word(root, "uuid")),
        memory=min(memory, maxmem),
        maxmem=maxmem,
        vcpus=_count(_word(root, "vcpu") or "1"),
        hvm=hvm,
        bootloader=_word(root, "bootloader") or ("" if hvm else "/usr/bin/pygrub"),
        kernel=_word(root, "os/kernel"),
        ramdisk=_word(root, "os/initrd"),
        disks=tuple(_disk_of(disk) for disk in root.findall("devices/disk")),
        vifs=tuple(_vif_of(vif) for vif in root.findall("devices/interface")),
        on_poweroff=_action(root, "on_poweroff", "destroy"),
        on_reboot=_action(root, "on_reboot", "restart"),
        on_crash=_action(root, "on_crash", "restart"),
    )


def _tree(text: str) -> ET.Element:
    if len(text) > LARGEST or "<!DOCTYPE" in text or "<!ENTITY" in text or "\x00" in text:
        raise _bad("(domain_definition): document refused")
    try:
        return ET.fromstring(text)  # noqa: S314 - without document type there are no entities
    except ET.ParseError as error:
        line, column = error.position
        raise _bad(f"(domain_definition):{line}: not well-formed, column {column}") from None


def _bad(text: str) -> LibvirtError:
    return LibvirtError(Code.XML_ERROR, text, Origin.DOMAIN)


def _word(root: ET.Element, path: str) -> str:
    return (root.findtext(path) or "").strip()


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) > 0):
        raise _bad(f"expected a positive number, not '{text[:40]}'")
    return int(text)


def _memory(root: ET.Element, path: str, default: int = 0) -> int:
    found = root.find(path)
    if found is None and default:
        return default
    if found is None:
        raise _bad("missing memory element")
    unit = {**_UNITS, **_UNITS_MORE}.get(found.get("unit", ""))
    if unit is None:
        raise _bad(f"unknown suffix '{found.get('unit')}'")
    mib = _count((found.text or "").strip()) * unit // 2**20
    if not 0 < mib < 2**31:
        raise _bad("memory out of range")
    return mib


def _uuid(text: str) -> str:
    digits = text.replace("-", "").lower()
    if not text:
        return ""
    if len(digits) != 32 or any(char not in "0123456789abcdef" for char in digits):
        raise _bad("malformed uuid element")
    return "-".join(
        (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]),
    )


def _action(root: ET.Element, path: str, default: str) -> str:
    action = _word(root, path) or default
    if action not in ACTIONS:
        raise _bad(f"unknown lifecycle action '{action[:40]}'")
    return action


def _disk_of(disk: ET.Element) -> str:
    source, target = disk.find("source"), disk.find("target")
    if target is None or not target.get("dev"):
        raise _bad("missing target information")
    path = "" if source is None else source.get("file") or source.get("dev") or ""
    driver = disk.find("driver")
    block = disk.get("type") == "block"
    name = (driver.get("name") if driver is not None else None) or ("phy" if block else "file")
    kind = driver.get("type") if driver is not None else None
    mode = "r" if disk.find("readonly") is not None else "w"
    scheme = f"{name}:{kind}" if kind else name
    return ",".join(_plain(f"{scheme}:{path}", target.get("dev") or "", mode))


def _vif_of(vif: ET.Element) -> str:
    found = {}
    for tag, attribute, key in (
        ("mac", "address", "mac"),
        ("source", "bridge", "bridge"),
        ("script", "path", "script"),
    ):
        child = vif.find(tag)
        if child is not None and child.get(attribute):
            found[key] = child.get(attribute) or ""
    return ",".join(_plain(*(f"{key}={value}" for key, value in found.items())))


def _plain(*parts: str) -> tuple[str, ...]:
    for part in parts:
        if "," in part or "\n" in part:
            raise _bad("unexpected comma in a device")
    return parts
