"""What a listener costs, and what its threads withstand."""

import subprocess
import sys
import threading

from hvsim_fakes.server import Listener, Response
from server.bare_client import Connect, Park, Serve

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


def test_runaway_recursion_of_an_application_is_a_500():
    """It must meet Python's recursion limit before the end of its thread's stack."""
    ran = subprocess.run(
        [sys.executable, "-c", RUNAWAY], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "500\n")


def test_stack_size_of_other_threads_stays_as_it_was(serve: Serve, connect: Connect):
    before = threading.stack_size()
    connect(serve()).get().answer()
    assert threading.stack_size() == before


def test_thousand_parked_connections_are_served_together(
    serve: Serve, connect: Connect, park: Park
):
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
