"""A host's ports live and die as the host and its service do."""

from __future__ import annotations

import contextlib
import errno
import http.client
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from hvsim.errors import InputError
from hvsim_fakes.lab import Lab, Listening
from hvsim_fakes.ports import common_port
from labs import hosts, small_pool

if TYPE_CHECKING:
    from control_api import Api

SHORT = 0.3
"""Seconds of silence that are taken for a black hole."""


def knock(api: Api, name: str, *, tls: bool = False) -> str:
    """Return what somebody who asks a host for its page gets."""
    pool = api.lab.pools["pool1"]
    member = pool.member_on(name)
    assert member is not None
    url = api.lab.member_url("pool1", member.host, tls=tls)
    host, port = url.rpartition("/")[2].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=SHORT)
    try:
        connection.request("GET", "/")
        return str(connection.getresponse().status)
    except TimeoutError:
        return "silence"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("kind", "fields", "seen", "undo"),
    [
        ("server.crash", {"silence": "refused"}, "ECONNREFUSED", "server.boot"),
        ("server.crash", {"silence": "dropped"}, "silence", "server.boot"),
        ("link.cut", {"silence": "dropped"}, "silence", "link.mend"),
        ("link.cut", {"silence": "refused"}, "ECONNREFUSED", "link.mend"),
        ("service.stop", {}, "ECONNREFUSED", "service.start"),
        ("service.hang", {}, "silence", "service.start"),
    ],
)
def test_a_dead_host_shows_what_its_death_is_like(
    api: Api, kind: str, fields: dict[str, str], seen: str, undo: str
) -> None:
    assert knock(api, "host2") == "200"
    assert api.command(kind, server="host2", **fields).status == 200
    assert knock(api, "host2") == seen
    assert knock(api, "host1") == "200"
    assert api.command(undo, server="host2").status == 200
    api.post("/v1/clock/advance", {"seconds": 600})
    assert knock(api, "host2") == "200"


def test_tls_dies_with_plain(api: Api) -> None:
    api.command("service.stop", server="host2")
    assert knock(api, "host2", tls=True) == "ECONNREFUSED"


def test_a_host_can_change_from_refusing_to_vanishing(api: Api) -> None:
    api.command("service.stop", server="host2")
    api.command("link.cut", server="host2", silence="dropped")
    assert knock(api, "host2") == "silence"
    api.command("link.mend", server="host2")
    assert knock(api, "host2") == "ECONNREFUSED"


def test_a_host_that_is_dead_from_the_beginning_is_never_up() -> None:
    pool = small_pool()
    pool.world.hardware.set_link("host2", pool.members[pool.row["master"]].server.silence)
    with Lab(pool.world, Listening(tls_port=None, control_port=None)) as lab:
        member = pool.member_on("host2")
        assert member is not None
        host, port = lab.member_url("pool1", member.host).rpartition("/")[2].split(":")
        with socket.create_connection((host, int(port)), timeout=SHORT) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            with pytest.raises(TimeoutError):
                sock.recv(1)


def test_all_hosts_answer_on_one_port(api: Api) -> None:
    pool = api.lab.pools["pool1"]
    for place, scheme in enumerate(("http", "https")):
        urls = [api.lab.member_urls("pool1", host)[place] for host in pool.members]
        assert [url.rpartition(":")[0] for url in urls] == [
            f"{scheme}://127.0.0.{n}" for n in (11, 12, 13)
        ]
        assert len({url.rpartition(":")[2] for url in urls}) == 1


def test_a_lab_stops_at_once_while_clients_wait() -> None:
    pool = small_pool()
    lab = Lab(pool.world, Listening(tls_port=None, control_port=None)).start()
    answered = threading.Event()
    waiting = threading.Event()
    pool.world.activity.on_park = waiting.set
    pool.world.hardware.set_link("host1", None, latency=1_000.0)
    host, port = lab.url().rpartition("/")[2].split(":")

    def ask() -> None:
        with socket.create_connection((host, int(port))) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                assert sock.recv(1) == b""
            answered.set()

    client = threading.Thread(target=ask)
    client.start()
    assert waiting.wait(30)
    begun = time.monotonic()
    lab.stop()
    assert time.monotonic() - begun < 3.0
    assert answered.wait(30)
    client.join(30)


def test_a_lab_frees_its_ports_when_it_cannot_start() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.12", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match="in use"):
            Lab(small_pool().world, Listening(port=port, tls_port=None)).start()
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.11", port))


def test_hosts_with_foreign_addresses_are_refused() -> None:
    spec = hosts(1)
    spec[0].address = "192.0.2.1"
    pool = small_pool(hosts=spec, guests=[])
    with pytest.raises(InputError, match="not a loopback address"):
        Lab(pool.world).start()
    with pytest.raises(InputError, match="cannot listen"):
        Lab(pool.world, Listening(bind="0.0.0.0")).start()  # noqa: S104 - it fails before


def test_a_common_port_is_free_everywhere() -> None:
    addresses = [f"127.0.0.{n}" for n in range(30, 40)]
    port = common_port(addresses)
    for address in addresses:
        with socket.socket() as sock:
            sock.bind((address, port))
