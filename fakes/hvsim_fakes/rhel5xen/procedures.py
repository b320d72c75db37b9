"""The procedures of libvirt's remote protocol that the Xen driver answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim_fakes.rhel5xen.driver import BLOCKED, Seen, XenDriver
from hvsim_fakes.rhel5xen.libvirt_error import Code, LibvirtError, Origin
from hvsim_fakes.rhel5xen.xdr import Reader, Writer, XdrError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.rhel5xen.site import Host
    from hvsim_fakes.rhel5xen.actor import Actor

OPEN, CLOSE, AUTH_LIST, SUPPORTS_FEATURE = 1, 2, 66, 60
FIRST: Final = frozenset({OPEN, CLOSE, AUTH_LIST, SUPPORTS_FEATURE})
"""Procedures that need no open connection."""
HYPERVISOR: Final = 3_001_002
"""Xen 3.1.2, as libvirt numbers versions: the hypervisor of RHEL 5."""
_AUTH_NONE = 0
_MIGRATION_V1, _MIGRATION_DIRECT = 1, 5
_MOST_NAMES = 1_024


class Connection:
    """What libvirtd keeps of one client."""

    def __init__(self, host: Host, actor: Actor) -> None:
        self.host = host
        self.driver = XenDriver(host, actor)
        self.opened = False
        self.closed = False


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure: its number, its name in the wire log, and whether it changes anything."""

    number: int
    name: str
    writes: bool
    handler: Callable[[Connection, Reader, Writer], object]


KNOWN: Final[dict[int, Procedure]] = {}


def _procedure(
    number: int, name: str, *, writes: bool = False
) -> Callable[
    [Callable[[Connection, Reader, Writer], object]],
    Callable[[Connection, Reader, Writer], object],
]:
    def register(
        handler: Callable[[Connection, Reader, Writer], object],
    ) -> Callable[[Connection, Reader, Writer], object]:
        KNOWN[number] = Procedure(number, name, writes, handler)
        return handler

    return register


def take_domain(client: Connection, args: Reader) -> Seen:
    """Take a domain from arguments and return the guest as it is now."""
    name, raw = args.string(), args.opaque(16).hex()
    args.sint()
    uuid = "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))
    # While a guest is copied it has two names here; what the client means is the name.
    try:
        named = client.driver.by_name(name)
    except LibvirtError:
        return client.driver.by_uuid(uuid)
    return named if named.uuid == uuid else client.driver.by_uuid(uuid)


def put_domain(out: Writer, seen: Seen) -> Writer:
    """Put a domain."""
    raw = bytes.fromhex(seen.uuid.replace("-", ""))
    return out.string(seen.name).opaque(raw).sint(seen.id)


# -- the connection ------------------------------------------------------------------------------


@_procedure(OPEN, "open")
def _open(client: Connection, args: Reader, _out: Writer) -> None:
    name = args.optional_string()
    args.uint()
    if name not in (None, "", "xen", "xen:///"):
        text = f"no connection driver available for {name}"
        raise LibvirtError(Code.INTERNAL_ERROR, text, Origin.REMOTE)
    client.driver.active()
    client.opened = True


@_procedure(CLOSE, "close")
def _close(client: Connection, _args: Reader, _out: Writer) -> None:
    client.opened = False


@_procedure(AUTH_LIST, "auth_list")
def _auth_list(_client: Connection, _args: Reader, out: Writer) -> None:
    out.uint(1).uint(_AUTH_NONE)


@_procedure(SUPPORTS_FEATURE, "supports_feature")
def _supports_feature(_client: Connection, args: Reader, out: Writer) -> None:
    out.sint(1 if args.sint() in (_MIGRATION_V1, _MIGRATION_DIRECT) else 0)


@_procedure(3, "get_type")
def _get_type(_client: Connection, _args: Reader, out: Writer) -> None:
    out.string("Xen")


@_procedure(4, "get_version")
def _get_version(_client: Connection, _args: Reader, out: Writer) -> None:
    out.uhyper(HYPERVISOR)


@_procedure(157, "get_lib_version")
def _get_lib_version(_client: Connection, _args: Reader, out: Writer) -> None:
    out.uhyper(8_002)


@_procedure(5, "get_max_vcpus")
def _get_max_vcpus(_client: Connection, args: Reader, out: Writer) -> None:
    args.optional_string()
    out.sint(32)


@_procedure(59, "get_hostname")
def _get_hostname(client: Connection, _args: Reader, out: Writer) -> None:
    out.string(client.host.system.nodename)


@_procedure(110, "get_uri")
def _get_uri(_client: Connection, _args: Reader, out: Writer) -> None:
    out.string("xen:///")


@_procedure(149, "is_secure")
def _is_secure(_client: Connection, _args: Reader, out: Writer) -> None:
    out.sint(1)


@_procedure(6, "node_get_info")
def _node_get_info(client: Connection, _args: Reader, out: Writer) -> None:
    cpus = client.host.server.cpus
    # A character is a whole number of four bytes in XDR.
    for char in b"x86_64".ljust(32, b"\0"):
        out.sint(char)
    out.uhyper(client.host.memory * 1024)
    out.sint(cpus).sint(2400).sint(1).sint(1).sint(cpus).sint(1)


@_procedure(102, "node_get_free_memory")
def _node_get_free_memory(client: Connection, _args: Reader, out: Writer) -> None:
    out.uhyper(max(0, client.host.free) * 2**20)


@_procedure(7, "get_capabilities")
def _get_capabilities(_client: Connection, _args: Reader, out: Writer) -> None:
    out.string(
        "<capabilities>\n  <host>\n    <cpu>\n      <arch>x86_64</arch>\n    </cpu>\n"
        "    <migration_features>\n      <live/>\n      <uri_transports>\n"
        "        <uri_transport>xenmigr</uri_transport>\n      </uri_transports>\n"
        "    </migration_features>\n  </host>\n  <guest>\n    <os_type>xen</os_type>\n"
        "    <arch name='x86_64'>\n      <wordsize>64</wordsize>\n"
        "      <domain type='xen'/>\n    </arch>\n  </guest>\n</capabilities>\n"
    )


@_procedure(122, "node_get_security_model")
def _node_get_security_model(_client: Connection, _args: Reader, out: Writer) -> None:
    # Two empty arrays: no model is active.
    out.uint(0).uint(0)


# -- lists and look-ups --------------------------------------------------------------------------


@_procedure(51, "num_of_domains")
def _num_of_domains(client: Connection, _args: Reader, out: Writer) -> None:
    out.sint(len(client.driver.active()))


@_procedure(37, "list_domains")
def _list_domains(client: Connection, args: Reader, out: Writer) -> None:
    found = client.driver.active()[: _most(args.sint(), 16_384)]
    out.uint(len(found))
    for seen in found:
        out.sint(seen.id)


@_procedure(25, "num_of_defined_domains")
def _num_of_defined(client: Connection, _args: Reader, out: Writer) -> None:
    out.sint(len(client.driver.inactive()))


@_procedure(21, "list_defined_domains")
def _list_defined(client: Connection, args: Reader, out: Writer) -> None:
    found = client.driver.inactive()[: _most(args.sint(), _MOST_NAMES)]
    out.uint(len(found))
    for seen in found:
        out.string(seen.name)


@_procedure(22, "domain_lookup_by_id")
def _lookup_by_id(client: Connection, args: Reader, out: Writer) -> None:
    put_domain(out, client.driver.by_id(args.sint()))


@_procedure(23, "domain_lookup_by_name")
def _lookup_by_name(client: Connection, args: Reader, out: Writer) -> None:
    put_domain(out, client.driver.by_name(args.string()))


@_procedure(24, "domain_lookup_by_uuid")
def _lookup_by_uuid(client: Connection, args: Reader, out: Writer) -> None:
    raw = args.opaque(16).hex()
    uuid = "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))
    put_domain(out, client.driver.by_uuid(uuid))


# -- one guest -----------------------------------------------------------------------------------


@_procedure(16, "domain_get_info")
def _get_info(client: Connection, args: Reader, out: Writer) -> None:
    seen = take_domain(client, args)
    # XDR knows no numbers shorter than 32 bits.
    out.uint(seen.state).uhyper(seen.maxmem).uhyper(seen.memory)
    out.uint(seen.vcpus).uhyper(seen.cpu_time)


@_procedure(14, "domain_get_xml_desc")
def _get_xml(client: Connection, args: Reader, out: Writer) -> None:
    seen = take_domain(client, args)
    args.uint()
    out.string(client.driver.xml(seen))


@_procedure(19, "domain_get_os_type")
def _get_os_type(client: Connection, args: Reader, out: Writer) -> None:
    out.string("hvm" if take_domain(client, args).config.hvm else "linux")


@_procedure(17, "domain_get_max_memory")
def _get_max_memory(client: Connection, args: Reader, out: Writer) -> None:
    out.uhyper(take_domain(client, args).maxmem)


@_procedure(18, "domain_get_max_vcpus")
def _get_max_vcpus_of(client: Connection, args: Reader, out: Writer) -> None:
    out.sint(take_domain(client, args).config.vcpus)


@_procedure(20, "domain_get_vcpus")
def _get_vcpus(client: Connection, args: Reader, out: Writer) -> None:
    seen = take_domain(client, args)
    most, length = _most(args.sint(), 16_384), _most(args.sint(), 2_048)
    if not seen.active:
        raise LibvirtError(Code.OPERATION_FAILED, "domain not active", Origin.XENXM)
    count = min(most, seen.vcpus)
    out.uint(count)
    for number in range(count):
        out.uint(number).sint(2 if seen.state == BLOCKED else 1)
        out.uhyper(seen.cpu_time // seen.vcpus).sint(number % client.host.server.cpus)
    cpus = (1 << client.host.server.cpus) - 1
    everywhere = (cpus & ((1 << 8 * length) - 1)).to_bytes(length, "little") if length else b""
    out.block(everywhere * count)


@_procedure(56, "domain_get_scheduler_type")
def _get_scheduler_type(client: Connection, args: Reader, out: Writer) -> None:
    take_domain(client, args)
    out.string("credit").sint(2)


@_procedure(15, "domain_get_autostart")
def _get_autostart(client: Connection, args: Reader, out: Writer) -> None:
    out.sint(int(client.driver.starts_with_host(take_domain(client, args))))


@_procedure(150, "domain_is_active")
def _is_active(client: Connection, args: Reader, out: Writer) -> None:
    out.sint(int(take_domain(client, args).active))


@_procedure(151, "domain_is_persistent")
def _is_persistent(client: Connection, args: Reader, out: Writer) -> None:
    out.sint(int(client.driver.persistent(take_domain(client, args))))


# -- changes -------------------------------------------------------------------------------------


@_procedure(9, "domain_create", writes=True)
def _create(client: Connection, args: Reader, _out: Writer) -> None:
    client.driver.start(take_domain(client, args))


@_procedure(10, "domain_create_xml", writes=True)
def _create_xml(client: Connection, args: Reader, out: Writer) -> None:
    xml, _ = args.string(), args.sint()
    put_domain(out, client.driver.create(xml))


@_procedure(11, "domain_define_xml", writes=True)
def _define_xml(client: Connection, args: Reader, out: Writer) -> None:
    put_domain(out, client.driver.define(args.string()))


@_procedure(35, "domain_undefine", writes=True)
def _undefine(client: Connection, args: Reader, _out: Writer) -> None:
    client.driver.undefine(take_domain(client, args))


@_procedure(12, "domain_destroy", writes=True)
def _destroy(client: Connection, args: Reader, _out: Writer) -> None:
    client.driver.destroy(take_domain(client, args))


@_procedure(33, "domain_shutdown", writes=True)
def _shutdown(client: Connection, args: Reader, _out: Writer) -> None:
    client.driver.shutdown(take_domain(client, args))


@_procedure(27, "domain_reboot", writes=True)
def _reboot(client: Connection, args: Reader, _out: Writer) -> None:
    seen = take_domain(client, args)
    args.uint()
    client.driver.shutdown(seen, "reboot")


@_procedure(34, "domain_suspend", writes=True)
def _suspend(client: Connection, args: Reader, _out: Writer) -> None:
    client.driver.suspend(take_domain(client, args))


@_procedure(28, "domain_resume", writes=True)
def _resume(client: Connection, args: Reader, _out: Writer) -> None:
    client.driver.resume(take_domain(client, args))


@_procedure(55, "domain_save", writes=True)
def _save(client: Connection, args: Reader, _out: Writer) -> None:
    seen = take_domain(client, args)
    client.driver.save(seen, args.string())


@_procedure(54, "domain_restore", writes=True)
def _restore(client: Connection, args: Reader, _out: Writer) -> None:
    client.driver.restore(args.string())


@_procedure(31, "domain_set_memory", writes=True)
def _set_memory(client: Connection, args: Reader, _out: Writer) -> None:
    seen = take_domain(client, args)
    client.driver.set_memory(seen, args.uhyper())


@_procedure(30, "domain_set_max_memory", writes=True)
def _set_max_memory(client: Connection, args: Reader, _out: Writer) -> None:
    seen = take_domain(client, args)
    client.driver.set_maximum(seen, args.uhyper())


@_procedure(32, "domain_set_vcpus", writes=True)
def _set_vcpus(client: Connection, args: Reader, _out: Writer) -> None:
    seen = take_domain(client, args)
    client.driver.set_vcpus(seen, args.uint())


@_procedure(29, "domain_set_autostart", writes=True)
def _set_autostart(client: Connection, args: Reader, _out: Writer) -> None:
    seen = take_domain(client, args)
    client.driver.set_autostart(seen, on=bool(args.sint()))


@_procedure(61, "domain_migrate_prepare", writes=True)
def _migrate_prepare(client: Connection, args: Reader, out: Writer) -> None:
    uri, _ = args.optional_string(), args.uhyper()
    args.optional_string()
    args.uhyper()
    out.uint(0)
    if uri is None:
        out.uint(1).string(client.host.system.nodename)
    else:
        out.uint(0)


@_procedure(62, "domain_migrate_perform", writes=True)
def _migrate_perform(client: Connection, args: Reader, _out: Writer) -> None:
    seen = take_domain(client, args)
    args.block(16_384)
    uri, flags, name, bandwidth = args.string(), args.uhyper(), *_named(args)
    for given, what in ((name, "renaming domains"), (bandwidth, "bandwidth limits")):
        if given:
            text = f"xenDaemonDomainMigrate: Xen does not support {what} during migration"
            raise LibvirtError(Code.OPERATION_INVALID, text, Origin.XEND)
    client.driver.migrate(seen, uri, flags)


@_procedure(63, "domain_migrate_finish", writes=True)
def _migrate_finish(client: Connection, args: Reader, out: Writer) -> None:
    put_domain(out, client.driver.by_name(args.string()))


def _named(args: Reader) -> tuple[str | None, int]:
    return args.optional_string(), args.uhyper()


def _most(asked: int, limit: int) -> int:
    if not 0 <= asked <= limit:
        raise XdrError(f"{asked} is more than {limit}")
    return asked
