"""libvirt's remote protocol: its bytes, and the real ``virsh`` over it."""

from __future__ import annotations

import shutil
import struct
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients_support import need
from hvsim.commands import decode
from hvsim.pump import Pump
from hvsim.rhel5xen.configuration import Configuration
from hvsim_fakes.rhel5xen import domain_xml, procedures
from hvsim_fakes.rhel5xen.actor import WorldActor
from hvsim_fakes.rhel5xen.libvirt_error import LibvirtError
from hvsim_fakes.rhel5xen.remote import HEADER, PROGRAM, Remote
from hvsim_fakes.rhel5xen.xdr import Reader, Writer, XdrError
from rhel5labs import host_of, states, unix_socket, world_of


class Client:
    """Sends calls to a libvirtd in this process."""

    def __init__(self, world, host: str = "alpha", *, opened: bool = True) -> None:
        self.notes: list[tuple[str, bool, str]] = []
        note = lambda *told: self.notes.append(told)  # noqa: E731 - a list's own append takes one
        self.remote = Remote(host_of(world, host), WorldActor(world), note)
        if opened:
            assert self.call(procedures.OPEN, _open())[0] == 0

    def call(self, number: int, body: bytes = b"", program: int = PROGRAM) -> tuple[int, Reader]:
        """Return status and result."""
        head = HEADER.pack(HEADER.size + len(body), program, 1, number, 0, 7, 0)
        answer = self.remote.answer(head + body)
        length, *_, serial, status = HEADER.unpack_from(answer)
        assert (length, serial) == (len(answer), 7)
        return status, Reader(answer[HEADER.size :])

    def error(self, number: int, body: bytes = b"", program: int = PROGRAM) -> tuple[int, str]:
        """Return code and message of the error that a call gets."""
        status, result = self.call(number, body, program)
        assert status == 1
        code, _ = result.sint(), result.sint()
        return code, result.optional_string()


def _open(name: str | None = None) -> bytes:
    return bytes(Writer().optional_string(name).uint(0).data)


def _lookup(client: Client, name: str) -> bytes:
    status, result = client.call(23, bytes(Writer().string(name).data))
    assert status == 0
    return bytes(
        Writer().string(result.string()).opaque(result.opaque(16)).sint(result.sint()).data
    )


def test_lists_and_states():
    client = Client(world_of())
    _, count = client.call(51)
    assert count.sint() == 3
    _, ids = client.call(37, bytes(Writer().sint(10).data))
    assert [ids.sint() for _ in range(ids.uint())] == [0, 1, 2]
    _, names = client.call(21, bytes(Writer().sint(10).data))
    assert [names.string() for _ in range(names.uint())] == ["spare"]
    for name, state in (("web", 2), ("asleep", 3), ("spare", 5), ("Domain-0", 1)):
        _, info = client.call(16, _lookup(client, name))
        assert info.uint() == state


@pytest.mark.parametrize(
    ("number", "body", "code", "text"),
    [
        (23, bytes(Writer().string("nope").data), 42, "Domain not found"),
        (273, b"", 39, "unknown procedure: 273"),
        (212, b"", 39, "unknown procedure: 212"),
        (23, b"\0\0\0\x09abc", 39, "couldn't decode"),
        (37, bytes(Writer().sint(-1).data), 39, "couldn't decode"),
        (10, bytes(Writer().string("<a/>").sint(0).data), 27, "XML error"),
    ],
)
def test_errors(number, body, code, text):
    found, message = Client(world_of()).error(number, body)
    assert found == code
    assert text in message


def test_connection_has_to_be_open_and_ours():
    client = Client(world_of(), opened=False)
    assert "not open" in client.error(51)[1]
    assert "no connection driver" in client.error(procedures.OPEN, _open("qemu:///system"))[1]
    assert client.error(51, program=1)[0] == 39


def test_writes_are_told_apart():
    world = world_of()
    client = Client(world)
    web = _lookup(client, "web")
    client.call(34, web)
    client.call(16, web)
    assert client.notes[-2:] == [
        ("domain_suspend", True, "ok"),
        ("domain_get_info", False, "ok"),
    ]
    assert states(world)["alpha"]["web"] == "paused"
    code, text = client.error(
        62,
        web
        + bytes(Writer().block(b"").string("beta").uhyper(1).optional_string(None).uhyper(0).data),
    )
    assert (code, "cannot migrate paused" in text) == (55, True)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 310), st.binary(max_size=200))
def test_any_arguments_get_an_answer(number, body):
    client = Client(world_of())
    if number not in (55, 54, 9, 62):  # what takes simulated time is waited for
        status, _ = client.call(number, body)
        assert status in (0, 1)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_end_or_get_an_answer(data):
    client = Client(world_of(), opened=False)
    answers: list[bytes] = []
    pieces = [data[at : at + 7] for at in range(0, len(data), 7)]
    client.remote.serve(lambda _: pieces.pop(0) if pieces else b"", answers.append)
    assert all(len(answer) >= HEADER.size for answer in answers)


def test_huge_and_tiny_lengths_end_the_connection():
    for length in (0, 3, 27, 2**31, 2**32 - 1):
        client = Client(world_of(), opened=False)
        pieces = [struct.pack("!I", length), b"x" * 40]
        answers: list[bytes] = []
        client.remote.serve(lambda _, left=pieces: left.pop(0) if left else b"", answers.append)
        assert answers == []


@given(st.lists(st.one_of(st.integers(0, 2**32 - 1), st.text(), st.none()), max_size=20))
def test_xdr_reads_what_it_writes(values):
    out = Writer()
    for value in values:
        out.uint(value) if isinstance(value, int) else out.optional_string(value)
    assert len(out.data) % 4 == 0
    back = Reader(bytes(out.data))
    for value in values:
        assert (back.uint() if isinstance(value, int) else back.optional_string()) == value
    back.end()
    with pytest.raises(XdrError):
        back.uint()


@given(
    st.builds(
        Configuration,
        name=st.from_regex(r"[A-Za-z0-9<&'\"]{1,20}", fullmatch=True),
        uuid=st.uuids().map(str),
        memory=st.just(256),
        maxmem=st.integers(256, 4096),
        vcpus=st.integers(1, 32),
        hvm=st.booleans(),
        disks=st.lists(
            st.sampled_from(
                ["tap:aio:/a b/<x>.img,xvda,w", "phy:/dev/vg/x,xvdb,r", "file:/x'y.img,hda,w"]
            )
        ).map(tuple),
        vifs=st.lists(st.just("mac=00:16:3e:00:00:01,bridge=xenbr0,script=vif-bridge")).map(tuple),
    )
)
def test_descriptions_survive_their_xml(config):
    memory = config.memory * 1024
    text = domain_xml.render(config, -1, memory, config.maxmem * 1024, config.vcpus)
    back = domain_xml.parse(text)
    for field in ("name", "uuid", "memory", "maxmem", "vcpus", "hvm", "disks", "vifs"):
        assert getattr(back, field) == getattr(config, field)


@given(st.text(max_size=200))
def test_any_text_is_a_description_or_refused(text):
    with pytest.raises(LibvirtError):
        domain_xml.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE x [<!ENTITY a 'b'>]><domain type='xen'><name>&a;</name></domain>",
        "<domain type='kvm'><name>a</name></domain>",
        "<domain type='xen'><name>a/b</name><memory>1024</memory></domain>",
        "<domain type='xen'><name>a</name><memory unit='furlong'>1</memory></domain>",
        "<domain type='xen'><name>a</name><memory>99999999999999999</memory></domain>",
        "<domain type='xen'><name>a</name><memory>9999</memory><uuid>1</uuid></domain>",
        "<domain type='xen'><name>a</name>" + "<a>" * 5000,
    ],
)
def test_descriptions_that_are_refused(text):
    with pytest.raises(LibvirtError, match="XML error"):
        domain_xml.parse(text)


# -- the real client -----------------------------------------------------------------------------


@pytest.fixture
def virsh(tmp_path):
    """Run Debian's ``virsh`` against libvirtd of both hosts, over sockets of this machine."""
    need(shutil.which("virsh") is not None, "virsh is not installed (libvirt-clients)")
    world = world_of(skip=True)
    pump = Pump(world)
    pump.start()
    with (
        unix_socket(host_of(world), tmp_path / "a") as alpha,
        unix_socket(host_of(world, "beta"), tmp_path / "b") as beta,
    ):
        uris = {"alpha": alpha, "beta": beta}

        def run(*args: str, host: str = "alpha") -> subprocess.CompletedProcess[str]:
            line = ["virsh", "-c", uris[host], *(uris.get(arg, arg) for arg in args)]
            # The command line is the test's own.
            return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own

        run.world = world
        yield run
    pump.stop()


@pytest.mark.clients
def test_virsh_drives_a_guest(virsh):
    listed = virsh("list", "--all").stdout.split()
    assert " ".join(listed[4:]) == (
        "0 Domain-0 running 1 web idle 2 asleep paused - spare shut off"
    )
    for args in (
        ("suspend", "web"),
        ("resume", "web"),
        ("start", "spare"),
        ("reboot", "spare"),
        ("dominfo", "web"),
        ("nodeinfo",),
        ("vcpuinfo", "web"),
        ("autostart", "web"),
        ("save", "web", "/root/web"),
        ("restore", "/root/web"),
        ("destroy", "asleep"),
        ("shutdown", "web"),
    ):
        done = virsh(*args)
        assert done.returncode == 0, (args, done.stderr)
    assert "already active" in virsh("start", "spare").stderr
    assert "failed to get domain" in virsh("dominfo", "nope").stderr


@pytest.mark.clients
def test_virsh_describes_and_defines(virsh, tmp_path):
    text = virsh("dumpxml", "web").stdout
    config = domain_xml.parse(text)
    assert config == host_of(virsh.world).find("web").config
    file = tmp_path / "new.xml"
    file.write_text(text.replace("web", "new").replace(config.uuid, ""))
    assert virsh("define", str(file)).returncode == 0
    assert virsh("start", "new").returncode == 0
    assert "new" in states(virsh.world)["alpha"]


@pytest.mark.clients
def test_virsh_moves_a_guest(virsh):
    done = virsh("migrate", "--live", "web", "beta")
    assert done.returncode == 0, done.stderr
    assert states(virsh.world)["beta"]["web"] == "blocked"
    assert virsh("domstate", "web").stdout.strip() == "shut off"
    paused = virsh("migrate", "--live", "asleep", "beta")
    assert "cannot migrate paused domains" in paused.stderr
    virsh.world.execute(decode({"kind": "service.stop", "server": "beta", "service": "xend"}))
    assert virsh("list", host="beta").returncode == 1
