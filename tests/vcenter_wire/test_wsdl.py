"""The description of the service holds together, and says what the service takes."""

from importlib import import_module
from importlib.util import find_spec
from xml.etree import ElementTree as ET

import pytest

from clients_support import need
from hvsim_fakes.lab import Lab
from hvsim_fakes.server import Request
from vcenter_wire.vim import PASSWORD, USER, Vim, data

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


def test_every_operation_declares_its_faults(files):
    wsdl = files["vim.wsdl"]
    messages = named(wsdl, f"{WSDL}message")
    elements = named(files["vim-types.xsd"], f"{XSD}element")
    parts = {one.get("element") for one in wsdl.iter(f"{WSDL}part")}
    assert {p for p in parts if p.endswith("Fault")} <= {f"vim25:{name}" for name in elements}
    port, binding = (wsdl.find(f"{WSDL}{kind}") for kind in ("portType", "binding"))
    declared = {}
    for operation in port:
        faults = operation.findall(f"{WSDL}fault")
        assert {one.get("message").removeprefix("vim25:") for one in faults} <= messages
        declared[operation.get("name")] = [one.get("name") for one in faults]
    assert declared["Login"] == ["InvalidLoginFault", "InvalidLocaleFault", "RuntimeFault"]
    assert declared["CurrentTime"] == ["RuntimeFault"]
    assert {"InvalidStateFault", "RuntimeFault"} <= set(declared["PowerOnVM_Task"])
    bound = {one.get("name"): one.findall(f"{WSDL}fault") for one in binding}
    for name, faults in declared.items():
        assert [one.get("name") for one in bound[name]] == faults


@pytest.mark.clients
def test_zeep_reads_the_description_and_logs_in():
    need(find_spec("zeep") is not None, "zeep is not installed: pip install zeep")
    zeep = import_module("zeep")
    with Lab.from_scenario(data(guests=1)) as lab:
        url = lab.member_url("vc", "vc", tls=False)
        client = zeep.Client(f"{url}/sdk/vimService.wsdl")
        binding = client.wsdl.services["VimService"].ports["VimPort"].binding
        service = zeep.proxy.ServiceProxy(client, binding, address=f"{url}/sdk")
        this = {"_value_1": "SessionManager", "type": "SessionManager"}
        with pytest.raises(zeep.exceptions.Fault, match="incorrect user name") as refused:
            service.Login(this, USER, "wrong")
        (detail,) = refused.value.detail
        assert detail.tag == "{urn:vim25}InvalidLoginFault"
        assert service.Login(this, USER, PASSWORD).userName
        assert {"InvalidStateFault", "RuntimeFault"} <= binding.get("PowerOnVM_Task").faults.keys()
