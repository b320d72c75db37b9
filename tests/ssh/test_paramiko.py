"""paramiko, the client library of many management products."""

import io
from collections.abc import Iterator

import paramiko
import pytest

from hvsim_fakes.lab import Lab
from ssh_boxes import PASSWORD, build, lab_of


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with lab_of(build(keys=[public_line(KEY)])) as running:
        yield running


def public_line(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"


KEY = paramiko.ECDSAKey.generate()


def connected(lab: Lab, **how) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # noqa: S507 - our own host
    host, port = lab.ssh_address("boxes", "h1")
    how = {"username": "root", "look_for_keys": False, "allow_agent": False, **how}
    client.connect(host, port, **how)
    return client


@pytest.fixture
def client(lab: Lab) -> Iterator[paramiko.SSHClient]:
    with connected(lab, password=PASSWORD) as found:
        yield found


def test_commands_one_after_the_other(client: paramiko.SSHClient) -> None:
    for number in range(20):
        stdin, out, err = client.exec_command(
            f"read x; echo $x {number}; echo e >&2; exit {number}"
        )
        stdin.write("in\n")
        stdin.flush()
        assert out.read() == f"in {number}\n".encode()
        assert err.read() == b"e\n"
        assert out.channel.recv_exit_status() == number


def test_key_lets_in_and_a_wrong_one_does_not(lab: Lab) -> None:
    with connected(lab, pkey=KEY) as client:
        assert client.exec_command("id -un")[1].read() == b"root\n"
    with pytest.raises(paramiko.AuthenticationException):
        connected(lab, pkey=paramiko.ECDSAKey.generate())
    with pytest.raises(paramiko.AuthenticationException):
        connected(lab, password="wrong")


def read_until(channel: paramiko.Channel, wanted: str) -> str:
    channel.settimeout(20)
    found = ""
    while wanted not in found:
        piece = channel.recv(4_096)
        assert piece, found
        found += piece.decode()
    return found


def test_interactive_shell_answers_line_by_line(client: paramiko.SSHClient) -> None:
    channel = client.invoke_shell(width=200)
    read_until(channel, "# ")
    channel.send(b"cd /tmp; pwd\n")
    assert "/tmp" in read_until(channel, "\r\n# ").splitlines()
    channel.send(b"echo 'unfinished\n")
    read_until(channel, "> ")
    channel.send(b"line'\n")
    assert "line" in read_until(channel, "\r\n# ").splitlines()
    channel.send(b"exit 9\n")
    assert channel.recv_exit_status() == 9


def test_secret_is_asked_for_without_showing_it(client: paramiko.SSHClient) -> None:
    channel = client.invoke_shell()
    read_until(channel, "# ")
    channel.send(b"ask\n")
    read_until(channel, "Password: ")
    channel.send(b"hidden\n")
    shown = read_until(channel, "Sure? ")
    channel.send(b"yes\n")
    shown += read_until(channel, "<hidden> <yes>")
    assert shown.count("hidden") == 1
    channel.close()


def test_interrupt_key_ends_what_waits(client: paramiko.SSHClient) -> None:
    channel = client.invoke_shell()
    read_until(channel, "# ")
    channel.send(b"cat\n")
    read_until(channel, "cat\r\n")
    channel.send(b"\x03")
    channel.send(b"echo alive $?\n")
    assert "alive 130" in read_until(channel, "alive 130")
    channel.close()


def test_files_are_the_shells_own(client: paramiko.SSHClient) -> None:
    with client.open_sftp() as sftp:
        assert sftp.normalize(".") == "/root"
        sftp.mkdir("/tmp/p")
        sftp.putfo(io.BytesIO(b"x" * 100_000), "/tmp/p/f")
        assert sftp.stat("/tmp/p/f").st_size == 100_000
        sftp.chmod("/tmp/p/f", 0o640)
        assert client.exec_command("ls -l /tmp/p/f")[1].read().startswith(b"-rw-r-----")
        client.exec_command("echo from shell >/tmp/p/g")[1].read()
        with sftp.open("/tmp/p/g", "a+") as handle:
            handle.write("and sftp\n")
        with sftp.open("/tmp/p/g") as handle:
            assert handle.read() == b"from shell\nand sftp\n"
        sftp.rename("/tmp/p/g", "/tmp/p/h")
        assert sorted(sftp.listdir("/tmp/p")) == ["f", "h"]
        with pytest.raises(FileNotFoundError):
            sftp.stat("/tmp/p/g")
        with pytest.raises(OSError, match=r"exist|Failure"):
            sftp.mkdir("/tmp/p")
        sftp.symlink("h", "/tmp/p/l")
        assert sftp.readlink("/tmp/p/l") == "h"
        sftp.truncate("/tmp/p/f", 10)
        assert sftp.stat("/tmp/p/f").st_size == 10
