"""What a program in the sandbox tries against the machine, and what comes of it."""

import os
import socket
from pathlib import Path

import pytest

from hvsim_fakes.sandbox.filter import system_call_filter
from hvsim_fakes.sandbox.limits import SandboxLimits
from sandboxes import children, needed, room

pytestmark = needed
HERE = str(Path(__file__).resolve())


@pytest.fixture(autouse=True)
def nothing_left():
    """Look for processes that outlive their program."""
    before = children()
    yield
    assert children() == before


def test_no_file_of_the_machine_can_be_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("of the machine")
    secret.chmod(0o666)
    with room() as run:
        told = run(f"""
            import os
            for path in ({str(secret)!r}, "/root/.profile", {HERE!r}, "/proc/version"):
                try:
                    print(path, open(path).read()[:20])
                except OSError as error:
                    print(error.strerror)
            print(sorted(os.listdir("/")))
        """)
    missing = "No such file or directory"
    assert told.out.splitlines()[:4] == [missing] * 4
    assert "'work'" not in told.out
    assert "of the machine" not in told.out


def test_what_is_shown_of_the_machine_cannot_be_written(tmp_path):
    library = os.__file__
    with room() as run:
        told = run(f"""
            import os
            for path in (os.__file__, "/usr/lib/new", "/etc/ld.so.cache"):
                try:
                    open(path, "a")
                    print("open")
                except OSError as error:
                    print(error.strerror)
            os.makedirs({str(tmp_path)!r}, exist_ok=True)
            open({str(tmp_path / "made")!r}, "w").write("here")
        """)
        assert run.line(f"cat {tmp_path}/made").out == "here"
    assert set(told.out.splitlines()) <= {"Read-only file system", "Permission denied"}
    assert not (tmp_path / "made").exists()
    assert Path(library).exists()


def test_there_is_no_network():
    with socket.create_server(("127.0.0.1", 0)) as listener, room() as run:
        port = listener.getsockname()[1]
        told = run(f"""
            import socket
            print([name for _, name in socket.if_nameindex()])
            for address in (("127.0.0.1", {port}), ("192.0.2.1", 80)):
                try:
                    socket.create_connection(address, timeout=5)
                    print("connected")
                except OSError as error:
                    print("refused")
        """)
    assert told.out.splitlines() == ["['lo']", "refused", "refused"]


def test_a_fork_bomb_comes_to_an_end():
    with room(SandboxLimits(processes=20, cpu=20.0)) as run:
        told = run("""
            import os, signal
            count = 0
            try:
                while True:
                    if os.fork() == 0:
                        signal.pause()
                    count += 1
            except OSError as error:
                print(count, error.strerror)
        """)
    count, _, why = told.out.strip().partition(" ")
    assert 5 < int(count) <= 20
    assert why == "Resource temporarily unavailable"


def test_it_kills_nobody_but_itself():
    with room() as run:
        told = run("""
            import os, signal
            print(os.getpid(), flush=True)
            for pid in range(10, 100_000):
                try:
                    os.kill(pid, 0)
                    print("sees", pid)
                except ProcessLookupError:
                    pass
            os.kill(-1, signal.SIGKILL)
        """)
        assert int(told.out) < 10
        assert run("print('the lab goes on')").out == "the lab goes on\n"


def test_stopping_its_keeper_ends_it():
    with room(SandboxLimits(answer=10.0)) as run:
        told = run("""
            import os, signal
            os.kill(os.getppid(), signal.SIGKILL)
            signal.pause()
        """)
        assert told.status == 126
        assert told.err == "python3: the sandbox failed: its keeper has ended\n"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("while True: pass", 128 + 24),
        ("import os\nwhile os.fork() == 0: pass\nwhile True: pass", 128 + 24),
    ],
)
def test_processor_time_is_bounded(code, status):
    with room(SandboxLimits(cpu=1.0)) as run:
        assert run(code).status == status


def test_time_is_bounded():
    with room(SandboxLimits(seconds=1.0)) as run:
        assert run("import signal; signal.pause()").status == 128 + 24


def test_memory_is_bounded_for_one_process_and_for_all():
    limits = SandboxLimits(memory=128 * 2**20, address_space=256 * 2**20)
    with room(limits) as run:
        assert "MemoryError" in run("x = bytearray(400 * 2**20)").err
        together = run("""
            import os, signal
            for _ in range(6):
                if os.fork() == 0:
                    x = bytearray(60 * 2**20)
                    signal.pause()
            signal.pause()
        """)
        assert together.status == 128 + 9


def test_files_are_bounded():
    with room(SandboxLimits(files=24 * 2**20)) as run:
        told = run("""
            import os
            for number in range(100):
                try:
                    open(f"/tmp/f{number}", "wb").write(bytes(2**20))
                except OSError as error:
                    print(number, error.strerror)
                    break
            for n in range(number + 1):
                os.remove(f"/tmp/f{n}")
        """)
    number, _, why = told.out.strip().partition(" ")
    assert int(number) < 24
    assert why == "No space left on device"


def test_output_is_bounded():
    with room(output=2**20) as run:
        assert run("while True: print('x' * 1000)").status == 128 + 25


@pytest.mark.skipif(system_call_filter() is None, reason="the filter knows no such machine")
def test_walls_cannot_be_worked_at():
    with room() as run:
        told = run("""
            import ctypes, os
            libc = ctypes.CDLL(None, use_errno=True)
            def call(name, *arguments):
                libc[name](*arguments)
                print(name, os.strerror(ctypes.get_errno()))
            call("unshare", 0x10000000)
            call("mount", b"none", b"/tmp", b"tmpfs", 0, None)
            call("ptrace", 16, os.getppid(), 0, 0)
            call("setns", 0, 0)
            call("chroot", b"/tmp")
            print(libc.prctl(39, 0, 0, 0, 0), libc.prctl(21))
        """)
    lines = told.out.splitlines()
    assert {line.partition(" ")[2] for line in lines[:-1]} == {"Operation not permitted"}
    # No new privileges; system calls filtered.
    assert lines[-1] == "1 2"


def test_a_nested_namespace_cannot_be_made():
    with room() as run:
        told = run(
            """
            import ctypes, os
            libc = ctypes.CDLL(None, use_errno=True)
            number = {"x86_64": 56, "aarch64": 220}[MACHINE]
            print(libc.syscall(number, 0x10000000 | 17, 0, 0, 0, 0))
            print(os.strerror(ctypes.get_errno()))
        """.replace("MACHINE", repr(os.uname().machine))
        )
    assert told.out.splitlines() == ["-1", "Operation not permitted"]


HAND_OVER = """
    import array, json, os, socket, struct
    def hand_over(argv, fds):
        data = json.dumps({"argv": argv, "cwd": "/", "env": {"PATH": "/usr/bin"}}).encode()
        lab = socket.socket(socket.AF_UNIX)
        lab.connect("/usr/share/lab/socket")
        try:
            lab.sendmsg([struct.pack(">I", len(data))],
                        [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])
            lab.sendall(data)
        except OSError:
            pass  # Shown out before it had spoken.
        return lab
    nothing = os.open("/dev/null", os.O_RDWR)
"""


def test_descriptors_that_only_name_a_file_open_nothing():
    with room() as run:
        told = run(f"""{HAND_OVER}
    for path in ("/dev/tty", "/dev/ptmx", "/usr/lib", "/etc/ld.so.cache", "/dev/urandom"):
        name = os.open(path, os.O_PATH)
        read, write = os.pipe()
        lab = hand_over(["cat"], [name, write, nothing])
        os.close(write)
        print(os.read(read, 10), lab.recv(1))
        """)
    assert told.out.splitlines() == ["b'' b'\\x00'"] * 5, told.err


def test_a_pipe_with_both_ends_handed_over_holds_nobody():
    with room() as run:
        told = run(f"""{HAND_OVER}
    read, write = os.pipe()
    lab = hand_over(["cat"], [read, write, write])
    os.close(read), os.close(write)
    print("left")
        """)
        assert told.out == "left\n"
        run.settle()


def test_nonsense_at_the_door_is_shown_out():
    with room() as run:
        told = run("""
            import os, socket, struct
            for data in (b"", b"x", struct.pack(">I", 5) + b"nope!", struct.pack(">I", 2**32 - 1),
                         struct.pack(">I", 2) + b"[]", struct.pack(">I", 11) + b'{"argv":[]}',
                         struct.pack(">I", 34) + b'{"argv":[],"cwd":"/","env":{}}    '):
                lab = socket.socket(socket.AF_UNIX)
                lab.connect("/usr/share/lab/socket")
                lab.sendall(data)
                lab.shutdown(socket.SHUT_WR)
                print(lab.recv(1))
            print("on it goes")
        """)
        assert told.out.splitlines() == ["b'~'"] * 7 + ["on it goes"]
        assert run("print(1)").out == "1\n"


def test_many_commands_at_once_are_refused_not_queued():
    with room(SandboxLimits(commands=4)) as run:
        told = run(f"""{HAND_OVER}
    import select
    pipes = [os.pipe() for _ in range(10)]
    held = [hand_over(["cat"], [read, nothing, nothing]) for read, _ in pipes]
    while len(held) > 4:
        for lab in select.select(held, [], [])[0]:
            held.remove(lab)
    for _, write in pipes:
        os.close(write)
    for lab in held:
        print(lab.recv(1))
        """)
    assert told.out == "b'\\x00'\n" * 4, told.err


def test_descriptors_beyond_those_asked_for_are_closed():
    def ours():
        return len(list(Path("/proc/self/fd").iterdir()))

    with room() as run:
        run("print(1)")
        before = ours()
        told = run(f"""{HAND_OVER}
    read, write = os.pipe()
    for _ in range(20):
        lab = hand_over(["true"], [nothing, nothing, nothing, read, write, nothing])
        print(lab.recv(1))
        """)
        assert told.out == "b'\\x00'\n" * 20
        assert ours() <= before


def test_any_name_of_a_host_will_do():
    with room() as run:
        run.line("printf 'x\\0--bad name %s' \"$(seq 90)\" >/zones/web/root/etc/nodename")
        told = run.line("zlogin web python3 -c 'print\\(1\\)'")
        assert told.out == "1\n", told.err
