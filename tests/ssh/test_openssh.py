"""The real OpenSSH client finds what it expects."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hvsim_fakes.lab import Lab
from ssh_boxes import MISSING, Boxes, Client, build, lab_of, new_key

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    key = new_key(tmp_path_factory.mktemp("key"))
    with lab_of(build(keys=[key])) as running:
        running.key = tmp_path_factory.getbasetemp() / "key0" / "id"
        yield running


@pytest.fixture
def client(lab: Lab, tmp_path: Path) -> Client:
    return Client(lab, tmp_path)


def test_password_runs_a_command_with_its_status_and_both_streams(client: Client) -> None:
    done = client.ssh("echo out; echo err >&2; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, "out\n", "err\n")


def test_wrong_password_and_unknown_user_are_refused(lab: Lab, tmp_path: Path) -> None:
    refused = 5  # sshpass says so
    assert Client(lab, tmp_path, password="wrong").ssh("id").returncode == refused
    assert Client(lab, tmp_path, user="nobody").ssh("id").returncode == refused
    assert Client(lab, tmp_path, user="nopass", password="").ssh("id").returncode == refused


def test_key_of_the_lab_and_key_in_the_home_let_in(lab: Lab, client: Client) -> None:
    with_key = Client(lab, client.place, password=None, extra=(f"IdentityFile={lab.key}",))
    assert with_key.ssh("id -un").stdout == "root\n"
    bob = Client(lab, client.place, "bob", None, extra=(f"IdentityFile={lab.key}",))
    assert bob.ssh("id -un").returncode == 255
    line = lab.key.with_suffix(".pub").read_text()
    client.ssh("mkdir -p /home/bob/.ssh; cat >/home/bob/.ssh/authorized_keys", stdin=line)
    client.ssh("chown -R bob /home/bob/.ssh")
    assert bob.ssh("id -un").stdout == "bob\n"


def test_input_reaches_the_command_to_its_end(client: Client) -> None:
    text = "".join(f"line {number}\n" for number in range(20_000))
    assert client.ssh("wc -l; echo done", stdin=text).stdout.split() == ["20000", "done"]


def test_bytes_come_back_as_they_went(client: Client) -> None:
    data = bytes(range(256)) * 2_000
    done = client.ssh("cat >/tmp/bytes; cat /tmp/bytes", stdin=data)
    assert done.stdout.encode("utf-8", "surrogateescape") == data


def test_command_on_a_terminal(client: Client) -> None:
    done = client.ssh("tty; echo err >&2; test -t 0 && echo yes; echo $SSH_TTY", "-tt")
    assert done.stdout.splitlines() == ["/dev/pts/1", "err", "yes", "/dev/pts/1"]
    assert "\r\n" in done.stdout


def answers(shown: str) -> set[str]:
    """Return the lines on a terminal without the prompts that may stand before them."""
    return {re.sub(r"^(?:[#>] )+", "", line) for line in shown.splitlines()}


def test_interactive_shell_edits_lines_and_ends_with_its_last_status(client: Client) -> None:
    typed = "echo abX\x7fc\nfor i in 1 2\ndo echo n$i\ndone\nfalse\nexit\n"
    done = client.ssh("", "-tt", stdin=typed)
    assert "Welcome to the box" in done.stdout
    assert {"abc", "n1", "n2"} <= answers(done.stdout)
    assert done.returncode == 1


def test_end_of_input_leaves_the_shell(client: Client) -> None:
    assert client.ssh("", "-tt", stdin="(exit 3)\n\x04").returncode == 3


def test_shell_without_a_terminal_reads_commands(client: Client) -> None:
    done = client.ssh("", "-T", stdin="echo one\nx=2\necho $x\nexit 5\n")
    assert (done.returncode, done.stdout) == (5, "one\n2\n")


def test_one_connection_serves_many_commands(client: Client) -> None:
    control = (f"ControlPath={client.place}/c", "ControlMaster=auto", "ControlPersist=30")
    shared = Client(client.lab, client.place, extra=control)
    assert shared.ssh("echo first").stdout == "first\n"
    running = [
        subprocess.Popen(  # noqa: S603 - our own client
            ["ssh", *shared.options(), f"root@{shared.address[0]}", f"echo {n}; exit {n}"],  # noqa: S607 - the ssh of this machine
            stdout=subprocess.PIPE,
        )
        for n in range(20)
    ]
    outcome = [(one.communicate(timeout=40)[0], one.returncode) for one in running]
    assert outcome == [(f"{n}\n".encode(), n) for n in range(20)]
    shared.ssh("", "-O", "exit")


@pytest.mark.parametrize("legacy", [(), ("-O",)], ids=["sftp protocol", "scp protocol"])
def test_scp_copies_both_ways(client: Client, legacy: tuple[str, ...]) -> None:
    source = client.place / "up"
    source.write_bytes(bytes(range(256)) * 1_000)
    up = client.run("scp", *legacy, "-p", str(source), client.remote("/tmp/copied"))
    assert (up.returncode, up.stderr) == (0, "")
    assert client.ssh("wc -c </tmp/copied").stdout.strip() == "256000"
    down = client.run("scp", *legacy, client.remote("/tmp/copied"), str(client.place / "down"))
    assert (down.returncode, down.stderr) == (0, "")
    assert (client.place / "down").read_bytes() == source.read_bytes()
    missing = client.run("scp", *legacy, client.remote("/tmp/missing"), str(client.place / "x"))
    assert missing.returncode == 1
    assert "No such file" in missing.stderr


@pytest.mark.parametrize("legacy", [(), ("-O",)], ids=["sftp protocol", "scp protocol"])
def test_scp_copies_directories(client: Client, legacy: tuple[str, ...]) -> None:
    tree = client.place / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "a").write_text("a\n")
    (tree / "sub" / "b").write_text("b\n")
    name = f"/tmp/tree{len(legacy)}"
    assert client.run("scp", *legacy, "-r", str(tree), client.remote(name)).returncode == 0
    assert client.ssh(f"cd {name}; find . -type f | sort").stdout == "./a\n./sub/b\n"
    back = client.place / "back"
    assert client.run("scp", *legacy, "-r", client.remote(name), str(back)).returncode == 0
    assert (back / "sub" / "b").read_text() == "b\n"


def test_sftp_batch(client: Client) -> None:
    (client.place / "f").write_text("content\n")
    batch = client.place / "batch"
    batch.write_text(
        "pwd\nmkdir /tmp/s\ncd /tmp/s\nput f\nchmod 600 f\nln -s f l\nls -l\n"
        "rename f g\nget g back\ndf\nrm g\nrm l\ncd /\nrmdir /tmp/s\n"
    )
    done = client.run("sftp", "-oBatchMode=no", "-b", str(batch), f"root@{client.address[0]}")
    assert done.returncode == 0, done.stderr
    assert "Remote working directory: /root" in done.stdout
    assert "-rw-------" in done.stdout
    assert (client.place / "back").read_text() == "content\n"
    assert client.ssh("test -e /tmp/s").returncode == 1
    batch.write_text("get /nosuch\n")
    done = client.run("sftp", "-oBatchMode=no", "-b", str(batch), f"root@{client.address[0]}")
    assert done.returncode == 1


def test_transfer_keeps_to_the_rights_of_the_account(lab: Lab, client: Client) -> None:
    client.ssh("echo s >/root/secret; chmod 600 /root/secret")
    bob = Client(lab, client.place, "bob", "bob")
    assert bob.run("scp", bob.remote("/root/secret"), "got").returncode == 1
    (client.place / "f").write_text("x")
    assert bob.run("scp", "f", bob.remote("/etc/f")).returncode == 1
    assert bob.run("scp", "f", bob.remote("f")).returncode == 0
    assert client.ssh("ls -l /home/bob/f").stdout.split()[2:4] == ["bob", "staff"]


def test_install_goes_on_when_the_client_leaves(lab: Lab, client: Client) -> None:
    boxes: Boxes = lab.world.products["boxes"]
    before = boxes.installed
    command = ["sshpass", "-p", str(client.password), "ssh", *client.options()]
    running = subprocess.Popen(  # noqa: S603 - our own client
        [*command, f"root@{client.address[0]}", "install; install"], stdout=subprocess.PIPE
    )
    assert running.stdout is not None
    running.stdout.readline()
    running.kill()
    running.wait()
    deadline = time.monotonic() + 20
    while boxes.installed == before and time.monotonic() < deadline:
        lab.world.park(("*",), lambda: boxes.installed > before, 1.0)
    assert boxes.installed > before


def test_progress_comes_while_it_is_made(client: Client) -> None:
    assert client.ssh("install").stdout == "25%\n50%\n75%\n100%\n"


def test_interrupt_ends_the_command_and_not_the_shell(client: Client) -> None:
    typed = "cat\n\x03echo still here\nexit 0\n"
    done = client.ssh("", "-tt", stdin=typed)
    assert "still here" in answers(done.stdout)


def test_host_key_is_the_same_for_the_same_lab(client: Client) -> None:
    client.ssh("true")
    with lab_of(build()) as again:
        other = Client(again, client.place)
        known = (client.place / "known").read_text()
        port, first = other.address[1], client.address[1]
        (client.place / "known").write_text(known.replace(f":{first}", f":{port}"))
        strict = Client(again, client.place, extra=("StrictHostKeyChecking=yes",))
        assert strict.ssh("echo same").stdout == "same\n"
    with lab_of(build(seed=2)) as another:
        (client.place / "known").write_text(
            known.replace(f":{first}", f":{another.ssh_address('boxes', 'h1')[1]}")
        )
        changed = Client(another, client.place).ssh("echo same")
        assert changed.returncode != 0
        assert "HOST IDENTIFICATION HAS CHANGED" in changed.stderr


def test_tunnels_and_unknown_subsystems_are_refused(client: Client) -> None:
    assert client.ssh("nosuch", "-s").returncode != 0
    done = client.ssh("", "-W", "127.0.0.1:1")
    assert done.returncode == 255


def test_wire_log_tells_who_did_what(lab: Lab, client: Client) -> None:
    mark = lab.wirelog.last_seq
    client.ssh("guests | head -1; echo x >/tmp/scratch")
    client.ssh("guests new >/dev/null; echo x >/etc/written")
    (client.place / "f").write_text("x")
    client.run("scp", "f", client.remote("/etc/f"))
    found = [(one.call, one.is_write, one.outcome) for one in lab.wirelog.entries(mark)]
    assert found[:2] == [("guests", False, "ok"), ("exec", False, "ok")]
    assert found[2:4] == [("guests", True, "ok"), ("exec", True, "ok")]
    assert ("sftp open", True, "ok") in found
    one = lab.wirelog.entries(mark)[1]
    assert (one.product, one.endpoint, one.client) == ("box", "boxes/h1", "127.0.0.1")
    assert one.params == {"command": "guests | head -1; echo x >/tmp/scratch"}


def test_client_of_long_ago_finds_algorithms_it_knows(client: Client) -> None:
    old = (
        "HostKeyAlgorithms=ssh-rsa",
        "KexAlgorithms=diffie-hellman-group14-sha1",
        "Ciphers=aes128-cbc",
        "MACs=hmac-sha1",
    )
    assert Client(client.lab, client.place, extra=old).ssh("echo old").stdout == "old\n"


def test_ssh_copy_id_gives_a_key_to_an_account(
    lab: Lab, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It keeps its notes in a home, which a machine that runs tests may not have furnished.
    monkeypatch.setenv("HOME", str(client.place))
    (client.place / ".ssh").mkdir()
    key = new_key(client.place).split()[1]
    public = str(client.place / "id.pub")
    done = client.run("ssh-copy-id", "-f", "-i", public, f"root@{client.address[0]}")
    assert done.returncode == 0, done.stderr
    assert key in client.ssh("cat .ssh/authorized_keys").stdout
    with_key = Client(lab, client.place, "root", None, extra=(f"IdentityFile={client.place}/id",))
    assert with_key.ssh("echo in").stdout == "in\n"


def test_what_a_client_leaves_running_ends_with_the_lab(tmp_path: Path) -> None:
    lab = lab_of(build())
    with lab:
        line = "(while :; do sleep 1; done) >/dev/null 2>&1 &"
        assert Client(lab, tmp_path).ssh(line).returncode == 0
        gate = lab._gates._gates["boxes", "h1"]
        (session,) = gate.sessions
        assert session.busy
    (job,) = session.jobs
    with session.changed:
        assert session.changed.wait_for(lambda: job.status is not None, 20.0)
    assert job.status == 128 + 9
