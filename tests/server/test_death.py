"""Simulated hosts that die and come back: refuse, black_hole, resume, stop."""

import socket
import threading

import pytest

from hvsim_fakes.server import Listener, Response
from server.bare_client import Client, Connect, Park, Serve


def silent(client: Client, seconds: float = 0.05) -> bool:
    """Tell that nothing comes, neither data nor an end nor a reset."""
    client.sock.settimeout(seconds)
    try:
        client.sock.recv(1)
    except TimeoutError:
        return True
    return False


def is_reset(client: Client) -> bool:
    """Wait for the end; tell an RST from a FIN, below TLS, which reports both as an end."""
    try:
        while socket.socket.recv(client.sock, 4096):
            pass
    except ConnectionResetError:
        return True
    return False


@pytest.mark.parametrize("tls", [False, True])
def test_refusing_host_resets_everything(
    serve: Serve, connect: Connect, park: Park, secure, tls: bool
):
    listener = serve(park, tls=secure if tls else None)
    address = listener.address
    idle, parked = connect(listener, tls=tls), connect(listener, tls=tls).get("/park")
    idle.get().answer()
    park.wait_for(1)
    listener.refuse()
    assert is_reset(idle)
    assert is_reset(parked)
    assert park.connections[0].closed()
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            connect(listener)
    assert listener.address == address


@pytest.mark.parametrize("tls", [False, True])
def test_black_holed_host_says_nothing(
    serve: Serve, connect: Connect, park: Park, secure, tls: bool
):
    listener = serve(park, tls=secure if tls else None)
    idle, parked = connect(listener, tls=tls), connect(listener, tls=tls).get("/park")
    idle.get().answer()
    park.wait_for(1)
    listener.black_hole()
    assert park.connections[0].closed()
    park.leave.set()
    idle.get()
    late = connect(listener).get()
    assert all(silent(client) for client in (idle, parked, late))


def test_answer_of_a_dead_host_is_never_sent(serve: Serve, connect: Connect, park: Park):
    """The application returns after its host died; not even later does the client see it."""
    listener = serve(park)
    parked = connect(listener).get("/park")
    park.wait_for(1)
    listener.black_hole()
    park.leave.set()
    listener.resume()
    assert is_reset(parked)
    assert connect(listener).get().text() == b"fast"


def test_stream_falls_silent(serve: Serve, connect: Connect):
    go_on, after = threading.Event(), threading.Event()

    def stream():
        yield b"before"
        go_on.wait(20)
        try:
            yield b"after"
        finally:
            after.set()

    listener = serve(lambda _: Response(200, body=stream()))
    client = connect(listener).get()
    assert client.head()[0] == 200
    assert client.chunk() == b"before"
    listener.black_hole()
    go_on.set()
    assert after.wait(20)
    assert silent(client)


def test_large_answer_stops_in_its_middle(serve: Serve, connect: Connect):
    listener = serve(lambda _: Response(200, body=bytes(50_000_000)))
    client = connect(listener).get()
    assert client.head()[0] == 200
    listener.black_hole()
    client.sock.settimeout(0.05)
    assert 0 < received_before_silence(client) < 50_000_000


def received_before_silence(client: Client) -> int:
    received = 0
    while True:
        try:
            data = client.sock.recv(1_000_000)
        except TimeoutError:
            return received
        assert data
        received += len(data)


@pytest.mark.parametrize("die", [Listener.refuse, Listener.black_hole])
def test_resumed_host_serves_on_the_same_port(serve: Serve, connect: Connect, die):
    listener = serve()
    address = listener.address
    old = connect(listener)
    old.get().answer()
    for _ in range(3):
        die(listener)
        die(listener)
        listener.resume()
        listener.resume()
        assert listener.address == address
        assert connect(listener).get("/back").text() == b"GET /back? "
    assert is_reset(old)


def test_black_hole_then_refuse(serve: Serve, connect: Connect):
    listener = serve()
    client = connect(listener)
    client.get().answer()
    listener.black_hole()
    queued = connect(listener)
    listener.refuse()
    assert is_reset(client)
    assert is_reset(queued)
    with pytest.raises(ConnectionRefusedError):
        connect(listener)
    listener.resume()
    assert connect(listener).get("/a").text() == b"GET /a? "


def test_silent_connections_leave_the_count_when_the_host_resumes(serve: Serve, connect: Connect):
    listener = serve()
    clients = [connect(listener) for _ in range(3)]
    for client in clients:
        client.get().answer()
    listener.black_hole()
    assert listener.open_connections == 3
    listener.resume()
    assert listener.wait_connections(0, 20)


def test_host_may_die_of_a_request(serve: Serve, connect: Connect):
    """A command served by the very host that it kills."""
    box: list[Listener] = []

    def die(_) -> Response:
        box[0].refuse()
        return Response(200)

    box.append(serve(die))
    client = connect(box[0]).get()
    assert is_reset(client)


def test_port_of_a_refusing_host_stays_reserved(serve: Serve):
    listener = serve()
    host, port = listener.address
    listener.refuse()
    with socket.socket() as thief, pytest.raises(OSError, match="in use"):
        thief.bind((host, port))


def test_taken_port_is_an_os_error(serve: Serve):
    host, port = serve().address
    with pytest.raises(OSError, match="in use"):
        Listener(lambda _: Response(200), host, port).start()


def test_stop_ends_connections_and_threads(serve: Serve, connect: Connect, park: Park):
    listener = serve(park, stop_seconds=0.05)
    address = listener.address
    idle, parked = connect(listener), connect(listener).get("/park")
    idle.get().answer()
    park.wait_for(1)
    listener.stop()
    assert idle.ended()
    assert parked.ended()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
    park.leave.set()
    assert listener.wait_connections(0, 20)
    listener.stop()
    listener.resume()
    with pytest.raises(RuntimeError, match="stopped"):
        _ = listener.address


def test_stop_before_start_and_start_twice():
    listener = Listener(lambda _: Response(200))
    with pytest.raises(RuntimeError, match="not started"):
        _ = listener.address
    listener.start()
    with pytest.raises(RuntimeError, match="serving"):
        listener.start()
    listener.stop()
    Listener(lambda _: Response(200)).stop()


def test_dead_hosts_race_with_their_clients(serve: Serve, connect: Connect):
    """Die and come back under load: nothing hangs, and the host serves at the end."""
    listener = serve()
    done = threading.Event()

    def load() -> None:
        while not done.is_set():
            try:
                with socket.create_connection(listener.address, timeout=0.2) as sock:
                    while not done.is_set():
                        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                        if not sock.recv(1000):
                            break
            except OSError:
                continue

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        for die in (Listener.refuse, Listener.black_hole):
            connect(listener).get().answer()
            die(listener)
            listener.resume()
    done.set()
    for thread in threads:
        thread.join(20)
    assert connect(listener).get("/alive").text() == b"GET /alive? "


def test_ipv6(connect: Connect):
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        listener = Listener(lambda _: Response(200, body=b"six"), "::1").start()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    try:
        assert connect(listener).get().text() == b"six"
    finally:
        listener.stop()
