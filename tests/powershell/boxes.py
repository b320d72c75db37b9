"""Runspaces and small products for tests."""

from __future__ import annotations

from hvsim_fakes.powershell.cmdlet import Parameter, Table
from hvsim_fakes.powershell.engine.streams import Streams
from hvsim_fakes.powershell.host import PlainHost, Wait
from hvsim_fakes.powershell.limits import Limits
from hvsim_fakes.powershell.objects.enums import EnumType
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetObject, NetType, Property
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.runspace import Runspace
from hvsim_fakes.powershell.standard import library

STATE = register(EnumType("Test.State", {"Running": 0, "PowerOff": 1, "Paused": 6}))
DISK = register(
    NetType(
        "Test.Disk",
        OBJECT,
        properties={"Name": lambda row: row["name"], "Size": lambda row: row["size"]},
    )
)
GUEST = register(
    NetType(
        "Test.Guest",
        OBJECT,
        properties=[
            Property("Name", lambda row: row["name"], type="System.String"),
            Property("ID", lambda row: row["id"]),
            Property("Status", lambda row: STATE.of(row["status"])),
            Property("Disks", lambda row: [NetObject(DISK, one) for one in row["disks"]]),
            Property(
                "Note",
                lambda row: row.get("note"),
                lambda row, new: row.__setitem__("note", new),
                "System.String",
            ),
        ],
        text=lambda row: row["name"],
    )
)
TABLE = Table("TestGuests", "Test.Cmdlets")


@TABLE.cmdlet(
    "Get-Guest",
    Parameter("Name", "string", position=0),
    Parameter("All", "switch"),
)
def get_guest(call):
    for row in call.context:
        if not call.given("Name") or row["name"] == call.get("Name"):
            yield NetObject(GUEST, row)


@TABLE.cmdlet(
    "Start-Guest",
    Parameter("Guest", "object", position=0, pipeline=True, mandatory=True),
    Parameter("Seconds", "int", default=10),
    confirm=True,
)
def start_guest(call):
    guest = call.get("Guest")
    if not call.should_process(guest.data["name"]):
        return
    answer = yield Wait(seconds=float(call.get("Seconds")))
    guest.data["status"] = 0
    guest.data["note"] = answer
    yield guest


def rows(count):
    import uuid

    return [
        {
            "name": f"vm{n}",
            "id": uuid.UUID(int=n),
            "status": n % 2,
            "disks": [{"name": f"d{n}", "size": n * 2**30}],
        }
        for n in range(count)
    ]


def runspace(guests=(), *, limits=None, host=None):
    return Runspace(host or PlainHost(context=list(guests)), library(TABLE), limits or Limits())


def run(script, space=None, **more):
    streams = Streams()
    outcome = (space or runspace(**more)).run(script, streams)
    return outcome, streams
