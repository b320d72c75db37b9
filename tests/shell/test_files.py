"""The file system of a simulated host."""

import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hvsim.files import FileError, Files, Kind
from hvsim_fakes.shell.local import run_command
from shell_boxes import plain_host


@pytest.fixture
def files() -> Files:
    made = Files(lambda: 7.0, capacity=1_000, most=60)
    made.furnish(["/root"])
    return made


def refused(number: int):
    return pytest.raises(FileError, match=os.strerror(number))


def test_writing_replaces_appends_and_fills(files: Files) -> None:
    files.write("/root/f", b"hello")
    files.write("/root/f", b"hi")
    files.write("/root/f", b"!", at=-1)
    files.write("/root/f", b"x", at=5)
    assert files.read("/root/f") == b"hi!\0\0x"
    files.truncate("/root/f", 2)
    assert files.read("/root/f") == b"hi"
    assert files.used == 2
    assert files.find("/root/f").modified == 7.0


def test_full_file_system_refuses_and_keeps_its_account(files: Files) -> None:
    with refused(errno.ENOSPC):
        files.write("/root/f", bytes(1_001))
    files.write("/root/f", bytes(1_000))
    with refused(errno.ENOSPC):
        files.write("/root/g", b"x")
    files.remove("/root/f")
    files.write("/root/h", bytes(1_000))
    with refused(errno.ENOSPC):
        for number in range(100):
            files.make_directory(f"/root/d{number}")


def test_links_lead_on_round_and_nowhere(files: Files) -> None:
    files.write("/root/f", b"x")
    files.make_link("f", "/root/l")
    files.make_link("/root", "/r")
    files.make_link("loop", "/root/loop")
    files.make_link("/nowhere", "/root/n")
    assert files.read("/r/l") == b"x"
    assert files.real_path("/r/../root/./l") == "/root/f"
    with refused(errno.ELOOP):
        files.read("/root/loop")
    with refused(errno.ENOENT):
        files.read("/root/n")
    assert files.find("/root/n", follow=False).kind is Kind.LINK


def test_root_inside_is_a_wall(files: Files) -> None:
    files.make_directories("/zones/z/etc")
    files.write("/etc/s", b"outside")
    files.make_link("/etc/s", "/zones/z/abs")
    files.make_link("../../../etc/s", "/zones/z/etc/rel")
    root = "/zones/z"
    for path in ("/abs", "/etc/rel", "/../../etc/s", "/etc/../../../etc/s"):
        with refused(errno.ENOENT):
            files.read(path, root)
    files.write("/etc/s", b"inside", root)
    assert files.read("/abs", root) == files.read("/etc/rel", root) == b"inside"
    assert files.read("/etc/s") == b"outside"
    assert files.real_path("/etc/../abs", root) == "/etc/s"


def test_names_are_removed_and_moved_as_posix_says(files: Files) -> None:
    files.make_directories("/a/b/c")
    files.write("/a/f", b"1")
    files.link("/a/f", "/a/g")
    with refused(errno.ENOTEMPTY):
        files.remove_directory("/a/b")
    with refused(errno.EISDIR):
        files.remove("/a/b")
    with refused(errno.EINVAL):
        files.rename("/a", "/a/b/x")
    with refused(errno.EISDIR):
        files.rename("/a/f", "/a/b")
    files.remove("/a/f")
    assert files.read("/a/g") == b"1"
    files.rename("/a/g", "/a/b/c/g")
    files.remove_tree("/a")
    assert not files.exists("/a")
    assert files.used == 0


NAMES = st.sampled_from(["a", "b", "..", ".", "l"])
PATHS = st.lists(NAMES, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))


@given(st.lists(st.tuples(st.sampled_from("wmdrlt"), PATHS, PATHS), max_size=40))
def test_whatever_is_done_the_room_used_is_the_room_taken(steps: list) -> None:
    files = Files(lambda: 0.0)
    acts = {
        "w": lambda one, _: files.write(one, b"12345"),
        "m": lambda one, _: files.make_directory(one),
        "d": lambda one, _: files.remove(one),
        "r": files.rename,
        "l": lambda one, other: files.make_link(other, one),
        "t": lambda one, _: files.remove_tree(one),
    }
    for act, one, other in steps:
        try:
            acts[act](one, other)
        except FileError:
            continue
    nodes = list(files.walk("/"))
    assert files.used == sum(len(node.content) for _, node in nodes)
    assert len({id(node) for _, node in nodes}) == len(nodes)


def test_a_file_that_is_removed_while_it_is_written_stays_away() -> None:
    host = plain_host()
    told = run_command(host, "{ echo a; rm f; echo b; } >f; echo $?; ls f")
    assert told.out == "0\n"
    told = run_command(host, "for i in 1 2; do echo $i; rm -rf /tmp; done >/tmp/f; echo $?")
    assert (told.out, told.err) == ("0\n", "")


def test_a_full_disk_is_told_at_the_end_of_a_redirection() -> None:
    host = plain_host()
    host.system.files.capacity = host.system.files.used + 10
    told = run_command(host, "for i in 1 2 3; do echo 12345; done >/tmp/f; echo $?")
    assert told.out == "1\n"
    assert "/tmp/f: No space left on device\n" in told.err
