"""Whatever a client types, it ends, and nothing of the machine is touched."""

import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hvsim_fakes.shell.limits import ShellLimits
from hvsim_fakes.shell.local import Outcome, run_command
from shell_boxes import plain_host

SMALL = ShellLimits(steps=3_000, output=200_000, value=50_000, threads=8)

GREEDY = [
    "while :; do :; done",
    "yes",
    "yes >/dev/null",
    "yes | cat | cat >/dev/null",
    "cat /dev/zero",
    "cat /dev/zero | wc -c",
    "x=$(cat /dev/zero)",
    "sort /dev/zero",
    "x=a; while :; do x=$x$x; done",
    "f() { f; }; f",
    "f() { f | f; }; f",
    "f() { f & f; }; f",
    "f() { x=$(f); }; f",
    "f() { eval f; }; f",
    "echo 'sh s' >/tmp/s; sh /tmp/s",
    "echo '. /tmp/t' >/tmp/t; . /tmp/t",
    "seq 1 999999999999",
    "awk 'BEGIN { while (1) i++ }'",
    "awk 'BEGIN { while (1) x = x \"aaaaaaaaaaaaaaaa\" }'",
    "awk 'function f() { f() } BEGIN { f() }'",
    "echo a | sed ':l;s/a/aa/;tl'",
    "echo a | sed ':l;bl'",
    "printf '%999999999d' 1",
    "printf '%*d' 999999999 1",
    "head -c 99999999999 /dev/zero",
    "tail -c 99999 /dev/zero",
    "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | grep -E '(a*)*b'",
    "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | sed 's/\\(a*\\)*\\(a*\\)*b//'",
    "xargs -n1 echo </dev/zero",
    "tee /tmp/a /tmp/b </dev/zero",
    "find / -exec find / \\;",
    "trap 'exit 1' EXIT; exit",
    "trap 'while :; do :; done' EXIT",
    "echo $((" + "(" * 500 + "1" + ")" * 500 + "))",
    "(" * 300 + "echo" + ")" * 300,
    "$(" * 300 + "echo" + ")" * 300,
    "expr " + "\\( " * 300 + "1" + " \\)" * 300,
    "case aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa in *a*a*a*a*a*a*a*a*b) ;; esac",
    "x=" + "a" * 30_000 + "; echo ${x%%*b*a*c}",
]


def in_time(work, seconds: float = 60.0) -> Outcome:
    found: list[Outcome] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "the command line neither ended nor was ended"
    return found[0]


@pytest.mark.parametrize("line", GREEDY)
def test_greedy_command_line_is_ended(line: str) -> None:
    host = plain_host()
    outcome = in_time(lambda: run_command(host, line, limits=SMALL))
    assert len(outcome.out) <= SMALL.output + 65_536
    assert run_command(host, "echo alive").out == "alive\n"


def test_a_signal_of_the_limits_tells_which_one_it_was() -> None:
    host = plain_host()
    assert run_command(host, "while :; do :; done", limits=SMALL).status == 128 + 24
    assert run_command(host, "yes", limits=ShellLimits(output=10_000)).status == 128 + 25


def test_endless_writer_ends_when_its_reader_does() -> None:
    assert run_command(plain_host(), "yes | head -3; echo $?").out == "y\ny\ny\n0\n"


class Watch:
    """Notes what the machine is asked for while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        sys.addaudithook(self.note)

    def note(self, event: str, args: tuple) -> None:
        if not self.on or event not in WATCHED:
            return
        if event == "open" and str(args[0]).endswith((".py", ".pyc")):
            return
        self.seen.append(f"{event} {args!r}"[:200])

    @contextmanager
    def watching(self) -> Iterator[None]:
        self.on = True
        try:
            yield
        finally:
            self.on = False


WATCHED = frozenset(
    (
        *(
            "ctypes.dlopen",
            "glob.glob",
            "open",
            "os.chmod",
            "os.chown",
            "os.exec",
        ),
        *(
            "os.fork",
            "os.kill",
            "os.link",
            "os.listdir",
            "os.mkdir",
            "os.posix_spawn",
        ),
        *(
            "os.putenv",
            "os.remove",
            "os.rename",
            "os.rmdir",
            "os.scandir",
            "os.symlink",
        ),
        *(
            "os.system",
            "os.truncate",
            "os.utime",
            "shutil.rmtree",
            "socket.bind",
            "socket.connect",
        ),
        *("subprocess.Popen",),
    )
)
WATCH = Watch()

_SPECIAL = {"\\n": "\n", "\\x00": "\0", "\\x7f": "\x7f"}
WORDS = [
    _SPECIAL.get(word, word)
    for word in (Path(__file__).parent / "words.txt").read_text().splitlines()
]
COMMANDS = (
    *("echo", "cat", "ls", "rm -rf", "awk", "sed", "grep", "sort", "find", "xargs", "expr", "tr"),
    *("printf", "test", "head", "tail", "cut", "eval", "sh -c", "read", "set", "cp", "mv", "seq"),
    *("date", "env", "od", "paste", "uniq", "chmod", "ln", "mkdir", "getopts", "trap", "export"),
)


def lines(seed: int, count: int) -> Iterator[str]:
    """Give random words one after the other, and commands with random words after them."""
    stream = random.Random(seed)
    for number in range(count):
        joint = stream.choice((" ", " ", " ", ""))
        if number % 2:
            yield joint.join(stream.choice(WORDS) for _ in range(stream.randint(1, 14)))
            continue
        parts = []
        for _ in range(stream.randint(1, 3)):
            words = [stream.choice(WORDS) for _ in range(stream.randint(0, 4))]
            parts.append(
                " ".join([stream.choice(COMMANDS), *(w for w in words if w not in "()<>&;")])
            )
        yield stream.choice((" | ", "; ", " && ", " || ")).join(parts)


@pytest.mark.parametrize("seed", range(8))
def test_random_command_lines_end_and_stay_inside(seed: int) -> None:
    host = plain_host()
    limits = ShellLimits(steps=400, output=20_000, value=20_000, threads=6)
    WATCH.seen.clear()

    def all_of_them() -> Outcome:
        for line in lines(seed, 250):
            host.world.advance(0.0)
            run_command(host, no_wait(line), limits=limits)
        return run_command(host, "echo alive")

    with WATCH.watching():
        found = in_time(all_of_them, 100.0)
    assert found.out == "alive\n"
    assert WATCH.seen == []


def no_wait(line: str) -> str:
    # The clock of this host stands still: what sleeps in it would wait for ever.
    return line.replace("sleep 0.1", "sleep 0").replace("0.1", "0")


def test_a_shell_fed_in_a_loop_does_not_renew_the_limits() -> None:
    host = plain_host()
    for line in ("while :; do echo : | sh; done", "while :; do sh; done"):
        outcome = run_command(host, line, limits=ShellLimits(steps=500))
        assert outcome.status == 128 + 24, line
