"""What the bindings of the vSphere Automation SDK say of services; runs in its environment.

Prints one line of JSON: ``operations`` (parameters by name, true where one is optional) and
``structures`` (fields likewise), both by canonical name.
"""

import importlib
import inspect
import json
import sys

from vmware.vapi.bindings import type as kinds
from vmware.vapi.bindings.stub import ApiInterfaceStub

MODULES = (
    "com.vmware.appliance.access_client",
    "com.vmware.appliance.system_client",
    "com.vmware.appliance_client",
    "com.vmware.cis.tagging_client",
    "com.vmware.cis_client",
    "com.vmware.vapi.std.introspection_client",
    "com.vmware.vcenter.vm.guest_client",
    "com.vmware.vcenter.vm.hardware.adapter_client",
    "com.vmware.vcenter.vm.hardware_client",
    "com.vmware.vcenter.vm_client",
    "com.vmware.vcenter_client",
)
structures = {}


def fields(structure):
    """Return a structure's fields, and note the structures that they lead to."""
    found = {}
    for name in structure.get_field_names():
        kind = structure.get_field(name)
        found[name] = isinstance(kind, kinds.OptionalType)
        note(kind)
    return found


def note(kind):
    if isinstance(kind, kinds.ReferenceType):
        kind = kind.resolved_type
    for part in ("element_type", "key_type", "value_type"):
        if hasattr(kind, part):
            note(getattr(kind, part))
    if isinstance(kind, kinds.StructType) and kind.name not in structures:
        structures[kind.name] = None
        structures[kind.name] = fields(kind)


def operations(stub):
    """Return the operations of a service, with their parameters."""
    seen = {}

    def initialise(self, config, iface_name=None, **details):
        del self, config
        seen.update(details, name=iface_name)

    before = ApiInterfaceStub.__init__
    ApiInterfaceStub.__init__ = initialise
    try:
        stub(None)
    finally:
        ApiInterfaceStub.__init__ = before
    for name, details in seen["operations"].items():
        note(details["output_type"])
        yield f"{seen['name']}.{name}", fields(details["input_type"])


def main():
    found = {}
    for name in MODULES:
        module = importlib.import_module(name)
        for _, stub in inspect.getmembers(module, inspect.isclass):
            if issubclass(stub, ApiInterfaceStub) and stub.__module__ == name:
                found.update(operations(stub))
    sys.stdout.write(json.dumps({"operations": found, "structures": structures}) + "\n")


if __name__ == "__main__":
    main()
