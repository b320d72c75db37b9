"""Scenes of `hvsim demo` for every product but XenServer, each played through a real client."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from hvsim.clock import Clock, ClockMode
from hvsim_conformance.cli._demo import DemoError
from hvsim_conformance.pytest_lab import (
    RunningPool,
    RunningShell,
    RunningWindows,
    hyperv_of,
    rhel5_of,
    scvmm_of,
    vcenter_of,
    zones_of,
)
from hvsim_conformance.reference.hyperv import connection as winrm
from hvsim_conformance.reference.ssh import UnreachableError
from hvsim_conformance.reference.vmware.connection import vim, vmodl
from hvsim_fakes.lab import Lab, Listening

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP: Final = 5.0
"""Simulated seconds between two looks."""
_HOUR: Final = 3600.0
Look = dict[str, str]
"""What a client sees: a word or two for each thing."""


class Stage:
    """Where a scene is played: a lab, its time, and who is told.

    Args:
        tell: takes each line.
    """

    def __init__(self, lab: Lab, tell: Callable[[str], None]) -> None:
        self.lab = lab
        self._tell = tell
        self._seen: Look = {}

    def say(self, text: str) -> None:
        """Tell a line, with the simulated time."""
        for line in text.splitlines():
            self._tell(f"{self.lab.world.clock.now():8.1f} s  {line}")

    def show(self, look: Look) -> None:
        """Tell what is new since the last look."""
        for thing, state in look.items():
            if self._seen.get(thing) != state:
                self.say(f"{thing}: {state}")
        self._seen |= look

    def watch(self, look: Callable[[], Look], done: Callable[[Look], bool]) -> None:
        """Let time pass, telling every change, until a look is what was waited for.

        Raises:
            DemoError: when it is not within an hour.
        """
        end = self.lab.world.clock.now() + _HOUR
        while not done(seen := look()):
            self.show(seen)
            if self.lab.world.clock.now() > end:
                raise DemoError(f"an hour passed, and still: {seen}")
            self.lab.world.advance(_STEP)
        self.show(seen)


def vcenter(stage: Stage) -> None:
    """Lose a host, and let vSphere HA start its guest elsewhere."""
    center = vcenter_of(stage.lab)
    content = center.connect().RetrieveContent()
    stage.say(f"pyVmomi is logged in at {center.https_url} as {center.user}")
    (cluster,) = content.rootFolder.childEntity[0].hostFolder.childEntity
    guest = _named(content.rootFolder.childEntity[0].vmFolder.childEntity, "web")
    host = guest.runtime.host
    look = _vcenter_look(host, guest)
    stage.show(look())
    stage.say(f"{host.name} of {cluster.name} loses its power")
    center.crash(host.name, "dropped")
    before = host.name
    stage.watch(look, lambda seen: _on_another(seen["web"], before, "poweredOn"))
    stage.watch(look, lambda seen: seen[before] != "connected")
    stage.say("what vCenter wrote into its events:")
    for event in content.eventManager.QueryEvents(_everything())[-8:]:
        stage.say(f"  {type(event).__name__.rpartition('.')[2]}: {event.fullFormattedMessage}")


def _everything() -> Any:
    return vim.event.EventFilterSpec()


def _named(things: Any, name: str) -> Any:
    return next(one for one in things if one.name == name)


def _vcenter_look(host: Any, guest: Any) -> Callable[[], Look]:
    def look() -> Look:
        runtime = guest.runtime
        return {
            host.name: host.runtime.connectionState,
            "web": f"{runtime.powerState} on {runtime.host.name}, {runtime.connectionState}",
        }

    return look


def _on_another(seen: str, before: str, state: str) -> bool:
    return seen.startswith(state) and f"on {before}" not in seen


def scvmm(stage: Stage) -> None:
    """Crash a cluster node; VMM's view is stale until it finds out."""
    with closing(scvmm_of(stage.lab)) as vmm:
        stage.say(f"pypsrp is logged in at {vmm.url} as {vmm.user}")
        (node,) = vmm.run_ps("(Get-SCVirtualMachine -Name web).VMHost.Name")
        server = str(node).partition(".")[0]
        look = _vmm_look(vmm, server)
        stage.show(look())
        stage.say(f"{server} crashes; VMM is not told")
        vmm.crash(server, "dropped")
        stage.watch(look, lambda seen: _on_another(seen["web"], server, "Running"))


def _vmm_look(vmm: RunningWindows, node: str) -> Callable[[], Look]:
    script = (
        f"(Get-SCVMHost | Where-Object Name -like '{node}*').OverallState.ToString();"
        "$vm = Get-SCVirtualMachine -Name web; $vm.Status.ToString(); $vm.VMHost.Name"
    )

    def look() -> Look:
        state, status, place = map(str, vmm.run_ps(script))
        return {node: state, "web": f"{status} on {place}"}

    return look


def hyperv(stage: Stage) -> None:
    """Stop a guest on its host; VMM believes otherwise until it looks."""
    vmm, host = scvmm_of(stage.lab), hyperv_of(stage.lab)[0]
    with closing(vmm), closing(host):
        stage.say(f"pypsrp is logged in at VMM ({vmm.url}) and at {host.server} ({host.url})")
        look = _both_look(vmm, host)
        stage.show(look())
        stage.say(f"on {host.server}: Stop-VM -Name web -TurnOff")
        host.run_ps("Stop-VM -Name web -TurnOff")
        stage.show(look())
        stage.say("in VMM: Get-SCVirtualMachine -Name web | Read-SCVirtualMachine")
        vmm.run_ps("Get-SCVirtualMachine -Name web | Read-SCVirtualMachine | Out-Null")
        stage.show(look())


def _both_look(vmm: RunningWindows, host: RunningWindows) -> Callable[[], Look]:
    def look() -> Look:
        (truth,) = host.run_ps("(Get-VM -Name web).State.ToString()")
        (belief,) = vmm.run_ps("(Get-SCVirtualMachine -Name web).Status.ToString()")
        return {"web, says its host": str(truth), "web, says VMM": str(belief)}

    return look


def rhel5(stage: Stage) -> None:
    """Move a domain, then crash its new host: nobody starts it again."""
    first, second, *rest = rhel5_of(stage.lab)
    with closing(first), closing(second):
        _shell(stage, first, "xm list")
        _shell(stage, first, f"xm migrate --live web {second.address}")
        _shell(stage, second, "xm list web")
        stage.say(f"{second.host} loses its power")
        first.crash(second.host)
        _shell(stage, second, "xm list web")
        _shell(stage, first, "xm list")
        stage.say("no manager stands behind these hosts: web stays away until somebody acts")
    for host in rest:
        host.close()


def zones(stage: Stage) -> None:
    """Show zones in their states, one of them without a system."""
    host = zones_of(stage.lab)[0]
    with closing(host):
        _shell(stage, host, "zoneadm list -cv")
        _shell(stage, host, "zoneadm -z new boot")
        _shell(stage, host, "zoneadm -z web halt && zoneadm list -cp | grep web")
        _shell(stage, host, "zoneadm -z web boot && zlogin web hostname")
        stage.say("somebody shuts web down from inside")
        host.perform("zone.inside-shutdown", host=host.name, zone="web")
        stage.lab.world.advance(120)
        _shell(stage, host, "zoneadm list -cp | grep web")


def _shell(stage: Stage, host: RunningShell, line: str) -> None:
    stage.say(f"{host.user}@{host.host}$ {line}")
    try:
        answer = host.run(line)
    except UnreachableError as error:
        stage.say(f"  {error}")
        return
    stage.say("\n".join(f"  {one}" for one in (answer.out + answer.err).splitlines()))
    if answer.status:
        stage.say(f"  (status {answer.status})")


def datacentre(stage: Stage) -> None:
    """Take a rack's power: one host of each product, and what each product says of it."""
    lab = stage.lab
    pool, center, vmm = RunningPool(lab, lab.pool().name), vcenter_of(lab), scvmm_of(lab)
    console, sun = rhel5_of(lab)[0], zones_of(lab)[0]
    content = center.connect().RetrieveContent()
    host = content.rootFolder.childEntity[0].hostFolder.childEntity[0].host[0]
    member = list(lab.pool().members.values())[-1].server.name
    node = hyperv_of(lab)[0].server
    rack: dict[str, tuple[str, Callable[[], str]]] = {
        "XenServer": (member, lambda: _member_state(pool, member)),
        "vCenter": (host.name, lambda: str(host.runtime.connectionState)),
        "VMM": (node, lambda: _node_state(vmm, node)),
        "RHEL 5 Xen": (console.host, lambda: _answers(console)),
        "Solaris zones": (sun.host, lambda: _answers(sun)),
    }

    def look() -> Look:
        return {f"{name:<13} {server}": see() for name, (server, see) in rack.items()}

    with closing(vmm), closing(console), closing(sun):
        stage.show(look())
        stage.say("one rack, one fuse: these five lose their power")
        for server, _ in list(rack.values()):
            pool.crash(server)
        stage.show(look())
        for minutes, then in ((1, 1), (5, 4), (15, 10)):
            lab.world.advance(then * 60)
            stage.say(f"-- {minutes} min later")
            stage.show(look())


def _member_state(pool: RunningPool, server: str) -> str:
    api = pool.session().xenapi
    (host,) = api.host.get_by_name_label(server)
    live = api.host_metrics.get_live(api.host.get_metrics(host))
    return "live" if live else "not live"


def _node_state(vmm: RunningWindows, server: str) -> str:
    script = f"(Get-SCVMHost | Where-Object Name -like '{server}*').OverallState.ToString()"
    (state,) = vmm.run_ps(script)
    return str(state)


def _answers(host: RunningShell) -> str:
    try:
        return f"answers: {host.run('uname -s').out.strip()}"
    except UnreachableError:
        return "does not answer"


_VSPHERE: Final[dict[str, Any]] = {
    "vcenter": [
        {
            "name": "vc1",
            "accounts": [{"user": "administrator@vsphere.local", "password": "demo"}],
            "clusters": [{"name": "production", "ha": True, "hosts": 3}],
            "guests": [{"name": "web", "power_state": "poweredOn"}],
        }
    ]
}
SCENES: Final[dict[str, tuple[Callable[[Stage], None], Any]]] = {
    "vcenter": (vcenter, {"name": "demo", **_VSPHERE}),
    "scvmm": (scvmm, "hyperv"),
    "hyperv": (hyperv, "hyperv"),
    "rhel5-xen": (rhel5, "consoles"),
    "zones": (zones, "containers"),
    "datacentre": (datacentre, "datacentre"),
}
"""By the product's name: what is played, and in which lab."""
LOST: Final = (
    OSError,
    vmodl.MethodFault,
    UnreachableError,
    winrm.RefusedError,
    winrm.UnreachableError,
)
"""What a client raises in a scene that goes wrong."""


def play(name: str, tell: Callable[[str], None]) -> None:
    """Play a product's scene in a lab of its own, whose time passes as the scene says.

    Raises:
        DemoError, and those of ``LOST``: when it does not go as it should.
    """
    scene, source = SCENES[name]
    listening = Listening(control_port=None)
    with Lab.from_scenario(source, listening, clock=Clock(ClockMode.SKIP_IDLE)) as lab:
        tell((scene.__doc__ or "").strip())
        scene(Stage(lab, tell))
