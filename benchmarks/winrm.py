"""Scripts over WinRM: real clients in this process, the service in one of its own.

A VMM server of 50 machines; pywinrm's ``run_ps`` is five exchanges, and with NTLM three more.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADDRESS = "127.42.0.9"
USER, PASSWORD = "LAB\\Administrator", "hvsim"
_SECONDS = 3.0
_INVENTORY = "Get-SCVirtualMachine | Select-Object Name, Status, ID | ConvertTo-Json -Compress"


def run(machines: int = 50) -> Iterator[Result]:
    # requests takes no proxy for addresses of this machine, and asks nobody about it.
    os.environ["no_proxy"] = "*"
    with _served(machines) as port:
        yield _rate("run_ps, NTLM sealed", lambda: _script(port, "ntlm"), 75)
        yield _rate("run_ps, NTLM sealed, 4 clients", lambda: _script(port, "ntlm"), None, 4)
        yield _rate("run_ps, Basic", lambda: _script(port, "basic"), None)
        yield _rate("run_ps, CredSSP sealed", lambda: _script(port, "credssp"), None)
        listed = f"inventory of {machines} machines, NTLM sealed"
        yield _rate(listed, lambda: _script(port, "ntlm", _INVENTORY), None)
        yield _rate("runspace pool: open, invoke, close", lambda: _pool(port), None)
        yield from _in_one_pool(port)


def _rate(name: str, act: Callable[[], object], goal: int | None, clients: int = 1) -> Result:
    act()
    counts = [0] * clients
    end = time.perf_counter() + _SECONDS

    def work(number: int) -> None:
        while time.perf_counter() < end:
            act()
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = sum(counts) / (time.perf_counter() - begin)
    figure = f"{rate:,.0f}/s"
    if goal is None:
        return Result(f"WinRM: {name}", figure)
    return Result(f"WinRM: {name}", figure, f"at least {goal}/s", rate >= goal)


def _script(port: int, transport: str, script: str = "'x'") -> None:
    import winrm  # noqa: PLC0415 - the server has no use for it

    url = f"http://{ADDRESS}:{port}/wsman"
    session = winrm.Session(url, auth=(USER, PASSWORD), transport=transport)
    done = session.run_ps(script)
    assert done.status_code == 0, done.std_err
    assert done.std_out


@contextlib.contextmanager
def _opened(port: int) -> Iterator[Any]:
    from pypsrp.powershell import RunspacePool  # noqa: PLC0415 - the server has no use for it
    from pypsrp.wsman import WSMan  # noqa: PLC0415 - likewise

    fields = {"username": USER, "password": PASSWORD, "auth": "ntlm", "ssl": False}
    with WSMan(ADDRESS, port=port, **fields) as wsman, RunspacePool(wsman) as pool:
        yield pool


def _pool(port: int) -> None:
    with _opened(port) as pool:
        _invoke(pool)


def _invoke(pool: Any) -> None:
    from pypsrp.powershell import PowerShell  # noqa: PLC0415 - the server has no use for it

    assert PowerShell(pool).add_script("'x'").invoke() == ["x"]


def _in_one_pool(port: int) -> Iterator[Result]:
    with _opened(port) as pool:
        yield _rate("pipelines in one open pool", lambda: _invoke(pool), None)


@contextlib.contextmanager
def _served(machines: int) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks.winrm", str(machines)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.kill()


def serve(machines: int) -> None:
    """Serve a lab until the process is ended; tells its port first."""
    from hvsim_fakes.lab import Lab, Listening  # noqa: PLC0415 - not for the parent

    hosts = [{"name": f"hv{n}", "address": f"127.42.0.{n}"} for n in (1, 2, 3)]
    clusters = [{"name": "c1", "hosts": hosts}]
    table = {"name": "vmm", "address": ADDRESS, "clusters": clusters, "guests": machines}
    with Lab.from_scenario({"name": "winrm", "scvmm": [table]}, Listening()) as lab:
        urls = (url for _, found in lab.doors() for url in found)
        vmm = next(url for url in urls if url.startswith(f"http://{ADDRESS}:"))
        print(vmm.rpartition(":")[2], flush=True)
        time.sleep(86_400)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
