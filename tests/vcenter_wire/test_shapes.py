"""Every object of a lab is what the data model says, and is written as pyVmomi itself writes it."""

import re
from io import StringIO

import pytest
from pyVmomi import SoapAdapter, VmomiSupport

from hvsim.vcenter.values import Data, Ref
from hvsim_fakes.vcenter import registry, shapes
from hvsim_fakes.vcenter.registry import Field
from hvsim_fakes.vcenter.scope import Scope, WireSession
from hvsim_fakes.vcenter.writer import writer_for
from vcenter_wire.vim import Vim

VERSION = "vim.version.v8_0_3_0"


@pytest.mark.parametrize("profile", ["vsphere-8", "vsphere-4"])
def test_every_object_has_what_its_type_demands(profile):
    vim = Vim(profile=profile)
    scope = Scope(vim.vcenter, WireSession())
    version = registry.version_named(vim.vcenter.api_version)
    found = set()
    for one in vim.vcenter.store.objects.values():
        seen = scope.find(one.ref)
        found |= set(shapes.problems(one.type, seen.properties, version))
    assert sorted(re.sub(r"\[\d+\]", "[]", line) for line in found) == []


def test_a_wrong_value_is_a_problem():
    runtime = Data("VirtualMachineRuntimeInfo", {"powerState": "on", "connectionState": 1})
    lines = list(shapes.problems("VirtualMachine", {"runtime": runtime, "x": 1}, VERSION))
    assert "VirtualMachine.runtime.powerState: 'on' is no VirtualMachinePowerState" in lines
    assert "VirtualMachine.x: no such property" in lines
    assert any(line.startswith("VirtualMachine.config:") is False for line in lines)


def as_pyvmomi(value, field):
    """Return a value as pyVmomi's own object."""
    if isinstance(value, list):
        items = [as_pyvmomi(item, field) for item in value]
        if field is None or field.kind == "scalar":
            return items
        return VmomiSupport.GetWsdlType("urn:vim25", field.type).Array(items)
    if isinstance(value, Ref):
        return VmomiSupport.GetWsdlType("urn:vim25", value.type)(value.moid)
    if isinstance(value, Data):
        known = registry.shape(value.type)
        made = VmomiSupport.GetWsdlType("urn:vim25", value.type)()
        for name, inner in value.fields.items():
            setattr(made, name, as_pyvmomi(inner, known.fields[name]))
        return made
    return value


def pyvmomi_writes(value, version):
    stream = StringIO()
    spaces = {**SoapAdapter.SOAP_NSMAP, "urn:vim25": ""}
    serializer = SoapAdapter.SoapSerializer(stream, version, spaces)
    serializer.outermostAttrs = None
    info = VmomiSupport.Object(name="val", type=object, version=version, flags=0)
    serializer._Serialize(value, info, "urn:vim25")
    return stream.getvalue()


@pytest.mark.parametrize("name", ["summary", "config", "runtime", "guest", "capability"])
def test_a_machine_is_written_as_pyvmomi_writes_it(name):
    vim = Vim()
    value = vim.vcenter.store.get(vim.vm("vm1")).properties[name]
    ours = writer_for(VERSION).typed("val", value)
    theirs = pyvmomi_writes(as_pyvmomi(value, None), VERSION)
    # Dates of pyVmomi leave out a fraction of nothing, and XML takes attributes in any order.
    plain = re.sub(r"(\d\d:\d\d:\d\d)\.0+Z", r"\1Z", ours)
    assert _sorted_attributes(plain) == _sorted_attributes(re.sub(r"\.0+Z", "Z", theirs))


def _sorted_attributes(written):
    return re.sub(
        r"<(\w+) ([^>]+)>", lambda m: f"<{m[1]} {' '.join(sorted(m[2].split()))}>", written
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a<b>&c\r\x00", '<v xsi:type="xsd:string">a&lt;b&gt;&amp;c&#13;?</v>'),
        (True, '<v xsi:type="xsd:boolean">true</v>'),
        (5, '<v xsi:type="xsd:int">5</v>'),
        (2**40, f'<v xsi:type="xsd:long">{2**40}</v>'),
        (
            Ref("Folder", "group-1"),
            '<v type="Folder" xsi:type="ManagedObjectReference">group-1</v>',
        ),
        (["a"], '<v xsi:type="ArrayOfString"><string>a</string></v>'),
        (
            [Ref("Folder", "g")],
            (
                '<v xsi:type="ArrayOfManagedObjectReference">'
                '<ManagedObjectReference type="Folder">g</ManagedObjectReference></v>'
            ),
        ),
    ],
)
def test_values_that_name_their_own_type(value, written):
    assert writer_for(VERSION).typed("v", value) == written


def test_an_older_client_is_not_told_of_newer_fields():
    value = Data("VirtualMachineRuntimeInfo", {"powerState": "poweredOn", "paused": True})
    field = Field("val", "VirtualMachineRuntimeInfo", "data")
    new, old = writer_for(VERSION), writer_for("vim.version.version5")
    assert "<paused>" in new.element(field, value)
    assert "<paused>" not in old.element(field, value)
