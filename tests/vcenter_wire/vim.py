"""A vCenter to call in the test's own thread, and what a client sends to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from hvsim import modules, scenario
from hvsim_fakes.server import Request, Response
from hvsim_fakes.vcenter.endpoint import VimEndpoint
from hvsim_fakes.wirelog import WireLog

if TYPE_CHECKING:
    from hvsim.vcenter.values import Ref

NS = "{urn:vim25}"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
USER, PASSWORD = "administrator@vsphere.local", "secret"
READER, READER_PASSWORD = "reader@vsphere.local", "read"
PROPERTIES = "PropertyCollector propertyCollector"
HEAD = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
)
TAIL = "</soapenv:Body></soapenv:Envelope>"


def data(guests: int = 4, profile: str = "vsphere-8") -> dict[str, Any]:
    accounts = [
        {"user": USER, "password": PASSWORD, "role": "Admin"},
        {"user": READER, "password": READER_PASSWORD, "role": "ReadOnly"},
    ]
    machines = [
        {
            "name": f"vm{n}",
            "host": f"esx{n % 2 + 1}",
            "power_state": "poweredOn" if n % 2 else "poweredOff",
            "hostname": f"guest{n}",
            "address": f"10.0.0.{n + 1}",
        }
        for n in range(guests)
    ]
    hosts = [{"name": f"esx{n}", "address": f"127.30.0.{n}"} for n in (1, 2)]
    table = {
        "name": "vc",
        "profile": profile,
        "address": "127.30.0.9",
        "clusters": [{"name": "cluster", "hosts": hosts}],
        "guests": machines,
        "accounts": accounts,
    }
    return {"name": "wire", "vcenter": [table]}


class FaultError(Exception):
    """A fault that the vCenter answered with: the type of its detail, and its text."""

    def __init__(self, name: str, text: str, detail: ET.Element | None) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name
        self.text = text
        self.detail = detail


class Vim:
    """A lab with one vCenter, and one client of it."""

    def __init__(self, guests: int = 4, profile: str = "vsphere-8") -> None:
        modules.load()
        self.world = scenario.build(scenario.from_data(data(guests, profile)), 7)
        self.vcenter = self.world.product("vc")
        self.log = WireLog()
        self.endpoint = VimEndpoint(self.vcenter, self.log)
        self.cookie = ""

    def send(self, body: str | bytes, action: str = '"urn:vim25/8.0.3.0"', **more: str) -> Response:
        raw = body.encode() if isinstance(body, str) else body
        headers = {"soapaction": action, "cookie": self.cookie} | more
        response = self.endpoint(Request("POST", "/sdk", headers=headers, body=raw))
        for name, value in response.header_items():
            if name == "Set-Cookie":
                self.cookie = value.partition(";")[0]
        return response

    @classmethod
    def of(cls, vcenter: Any) -> Vim:
        """Return a client of a vCenter that there is."""
        made = object.__new__(cls)
        made.world, made.vcenter, made.log = vcenter.world, vcenter, WireLog()
        made.endpoint, made.cookie = VimEndpoint(vcenter, made.log), ""
        return made

    def send_raw(self, method: str, this: str, content: str) -> str:
        """Call a method and return the text of what comes back."""
        kind, _, moid = this.partition(" ")
        inner = f'<_this type="{kind}">{moid}</_this><specSet>{content}</specSet><options/>'
        response = self.send(f'{HEAD}<{method} xmlns="urn:vim25">{inner}</{method}>{TAIL}')
        assert response.status == 200
        return bytes(response.body).decode()

    def call(self, method: str, this: str | Ref, content: str = "") -> ET.Element:
        kind, _, moid = str(this).replace(":", " ", 1).partition(" ")
        inner = f'<_this type="{kind}">{moid}</_this>{content}'
        response = self.send(f'{HEAD}<{method} xmlns="urn:vim25">{inner}</{method}>{TAIL}')
        root = ET.fromstring(bytes(response.body))  # noqa: S314 - our own answer
        body = root[0]
        if response.status != 200:
            fault = body[0]
            detail = fault.find("detail")
            inside = detail[0] if detail is not None else None
            name = "" if inside is None else inside.tag.removeprefix(NS).removesuffix("Fault")
            raise FaultError(name, fault.findtext("faultstring") or "", inside)
        assert body[0].tag == f"{NS}{method}Response"
        return body[0]

    def login(self, user: str = USER, password: str = PASSWORD) -> Vim:
        self.call(
            "Login",
            "SessionManager SessionManager",
            f"<userName>{user}</userName><password>{password}</password>",
        )
        return self

    def other(self) -> Vim:
        """Return a second client of the same vCenter."""
        made = object.__new__(Vim)
        made.world, made.vcenter, made.log = self.world, self.vcenter, self.log
        made.endpoint, made.cookie = self.endpoint, ""
        return made

    def vm(self, name: str) -> Ref:
        found = self.vcenter.store.of_type("VirtualMachine")
        return next(vm.ref for vm in found if vm["name"] == name)

    def view(self, kind: str = "VirtualMachine") -> str:
        answer = self.call(
            "CreateContainerView",
            "ViewManager ViewManager",
            f'<container type="Folder">group-d1</container><type>{kind}</type>'
            "<recursive>true</recursive>",
        )
        return answer[0].text or ""


def text(element: ET.Element, path: str) -> str | None:
    return element.findtext("/".join(f"{NS}{step}" for step in path.split("/")))


def every(element: ET.Element, path: str) -> list[ET.Element]:
    return element.findall("/".join(f"{NS}{step}" for step in path.split("/")))


def spec(obj: str | Ref, kind: str, *paths: str, select: str = "", more: str = "") -> str:
    """Return a filter specification's content: properties of an object, or of what it leads to."""
    of, _, moid = str(obj).replace(":", " ", 1).partition(" ")
    asked = "".join(f"<pathSet>{path}</pathSet>" for path in paths) or "<all>true</all>"
    skip = "<skip>true</skip>" if select else ""
    return (
        f"<propSet><type>{kind}</type>{asked}</propSet>"
        f'<objectSet><obj type="{of}">{moid}</obj>{skip}{select}</objectSet>{more}'
    )


def of_view(view: str, kind: str, *paths: str) -> str:
    select = (
        '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path>'
        "<skip>false</skip></selectSet>"
    )
    return spec(f"ContainerView {view}", kind, *paths, select=select)


def contents(answer: ET.Element, tag: str = "returnval/objects") -> dict[str, dict[str, Any]]:
    """Return properties by object: texts, and elements of what has parts."""
    return {
        one.findtext(f"{NS}obj") or "": {
            str(prop.findtext(f"{NS}name")): _value(prop.find(f"{NS}val"))
            for prop in one.findall(f"{NS}propSet")
        }
        for one in every(answer, tag)
    }


def _value(element: ET.Element | None) -> Any:
    assert element is not None
    return element if len(element) else element.text


def moids(body: bytes) -> list[str]:
    return re.findall(r'<obj type="VirtualMachine">([^<]+)', body.decode())
