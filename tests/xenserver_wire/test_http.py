"""The endpoint behind the real server, over a real socket."""

import socket
import threading
import xmlrpc.client

import pytest
import XenAPI

from hvsim_fakes.server import Listener
from labs import vm
from xenserver_wire.wire import Wire


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def address(wire):
    listener = Listener(wire.master, port=0, name="master")
    listener.start()
    yield listener.address
    listener.stop()


def test_the_sdk_over_http(wire, address):
    host, port = address
    session = XenAPI.Session(f"http://{host}:{port}")
    session.xenapi.login_with_password("root", "password", "1.0", "http test")
    guest = vm(wire.pool, "web")
    assert session.xenapi.VM.get_all_records()[guest]["name_label"] == "web"
    batch = session.xenapi.event_from(["vm"], "", 0.0)
    assert guest in {event["ref"] for event in batch["events"]}
    session.xenapi.session.logout()


def test_a_listener_that_leaves_frees_its_thread(wire, address):
    session = wire.login()
    token = wire.xml("event.from", session, ["vm"], "", 0.0)["token"]
    waiting = threading.Event()
    wire.pool.world.activity.on_park = waiting.set
    body = xmlrpc.client.dumps((session, ["vm"], token, 3000.0), "event.from").encode()
    with socket.create_connection(address, timeout=20) as client:
        head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        client.sendall(head.encode() + body)
        assert waiting.wait(20)
        assert wire.pool.world.activity.parked == 1
    # Looked for once a second; the exchange is logged when the call has ended.
    deadline = threading.Event()
    for _ in range(200):
        if wire.log.entries(call="event.from")[1:]:
            break
        deadline.wait(0.1)
    assert len(wire.log.entries(call="event.from")) == 2
    assert wire.pool.world.activity.parked == 0
