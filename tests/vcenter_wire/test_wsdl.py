"""The description of the service holds together, and says what the service takes."""

from xml.etree import ElementTree as ET

import pytest

from hvsim_fakes.server import Request
from vcenter_wire.vim import Vim

XSD = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
FILES = ("vimService.wsdl", "vim.wsdl", "vim-messagetypes.xsd", "vim-types.xsd")


@pytest.fixture(scope="module", params=["vsphere-8", "vsphere-4"])
def files(request):
    vim = Vim(guests=0, profile=request.param)
    found = {}
    for name in FILES:
        response = vim.endpoint(Request("GET", f"/sdk/{name}"))
        assert response.status == 200
        found[name] = ET.fromstring(response.body)  # noqa: S314 - our own answer
    return found


def named(root, *kinds):
    return {one.get("name") for kind in kinds for one in root.findall(kind)}


def test_every_type_that_is_used_is_described(files):
    described = named(files["vim-types.xsd"], f"{XSD}complexType", f"{XSD}simpleType")
    described |= named(files["vim-messagetypes.xsd"], f"{XSD}complexType")
    used = set()
    for name in ("vim-types.xsd", "vim-messagetypes.xsd"):
        for one in files[name].iter():
            used |= {one.get(key) for key in ("type", "base")} - {None}
    missing = {t for t in used if t.startswith("vim25:")} - {f"vim25:{t}" for t in described}
    assert missing == set()
    assert len(described) > 1_000


def test_no_type_is_described_twice(files):
    names = [
        one.get("name")
        for one in files["vim-types.xsd"]
        if one.tag in (f"{XSD}complexType", f"{XSD}simpleType")
    ]
    assert len(names) == len(set(names))


def test_every_operation_has_its_messages(files):
    operations = named(files["vim.wsdl"].find(f"{WSDL}portType"), f"{WSDL}operation")
    elements = named(files["vim-messagetypes.xsd"], f"{XSD}element")
    assert {"Login", "PowerOnVM_Task", "RetrieveProperties", "WaitForUpdates"} <= operations
    assert elements == operations | {f"{name}Response" for name in operations}


def test_old_profiles_describe_no_newer_methods(files):
    operations = named(files["vim.wsdl"].find(f"{WSDL}portType"), f"{WSDL}operation")
    types = named(files["vim-types.xsd"], f"{XSD}complexType")
    newer = "PlaceVm" in operations
    assert newer == ("PlacementSpec" in types)
