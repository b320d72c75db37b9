"""What a listener costs, and what its threads withstand."""

import resource
import subprocess
import sys
import threading

import pytest

from hvsim_fakes.server import Limits, Listener, Response
from server.bare_client import Connect, Park, Serve, cut_off

RUNAWAY = """
import http.client
from hvsim_fakes.server import Listener

class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")

with Listener(lambda request: Deep().answer) as listener:
    client = http.client.HTTPConnection(*listener.address, timeout=20)
    client.request("GET", "/")
    print(client.getresponse().status)
"""


DESCRIPTOR_SHORTAGE = r"""
import logging, os, resource, socket, threading
from hvsim_fakes.server import Listener, Response

warned = threading.Event()

class Handler(logging.Handler):
    def emit(self, record):
        warned.set()

logging.getLogger("hvsim_fakes.server").addHandler(Handler())
with Listener(lambda request: Response(200, body=b"served")) as listener:
    client = socket.socket()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    hoard = []
    try:
        while True:
            hoard.append(os.dup(0))
    except OSError:
        pass
    client.connect(listener.address)
    client.sendall(b"GET / HTTP/1.0\r\n\r\n")
    assert warned.wait(20)
    for descriptor in hoard:
        os.close(descriptor)
    print(client.makefile("rb").read()[-6:].decode())
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process that it may wreck."""
    return subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_client_waits_out_a_shortage_of_descriptors():
    ran = run(DESCRIPTOR_SHORTAGE)
    assert (ran.stdout, ran.stderr) == ("served\n", "")


def test_client_without_a_thread_is_reset(serve: Serve, connect: Connect, caplog):
    listener = serve(stack_bytes=1 << 46)
    for _ in range(2):
        assert cut_off(connect, listener)
    assert listener.wait_connections(0, 20)
    assert "listener test has no thread for a client" in caplog.text


@pytest.mark.parametrize("limits", [{"body_bytes": -1}, {"stack_bytes": 1000}])
def test_limits_that_cannot_be(limits: dict[str, int]):
    with pytest.raises(ValueError, match=next(iter(limits))):
        Limits(**limits)


def test_runaway_recursion_of_an_application_is_a_500():
    """It must meet Python's recursion limit before the end of its thread's stack."""
    ran = run(RUNAWAY)
    assert (ran.returncode, ran.stdout) == (0, "500\n")


def test_stack_size_of_other_threads_stays_as_it_was(serve: Serve, connect: Connect):
    before = threading.stack_size()
    listener = serve()
    connect(listener).get().answer()
    listener.stop()
    assert threading.stack_size() == before


def allow_descriptors(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count:
        pytest.skip(f"needs {count} file descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))


def test_thousand_parked_connections_are_served_together(
    serve: Serve, connect: Connect, park: Park
):
    allow_descriptors(2200)
    listener = serve(park)
    waiters = [connect(listener).get("/park") for _ in range(1000)]
    park.wait_for(1000)
    assert connect(listener).get().text() == b"fast"
    park.leave.set()
    assert {waiter.text() for waiter in waiters} == {b"parked"}


def test_threads_bear_the_name_and_are_daemons():
    seen: list[threading.Thread] = []

    def look(_) -> Response:
        seen.append(threading.current_thread())
        return Response(200)

    import http.client

    with Listener(look, name="host7") as listener:
        client = http.client.HTTPConnection(*listener.address, timeout=20)
        client.request("GET", "/")
        client.getresponse().read()
        client.close()
    assert [(thread.name, thread.daemon) for thread in seen] == [("host7", True)]
    seen[0].join(20)
    assert not seen[0].is_alive()
