"""Names of the wire: namespaces, actions and resources ([MS-WSMV] 2.2.1, DSP0226)."""

from __future__ import annotations

from typing import Final

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING: Final = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN: Final = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
WSMV: Final = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
SHELL: Final = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
TRANSFER: Final = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
ENUMERATION: Final = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
EVENTING: Final = "http://schemas.xmlsoap.org/ws/2004/08/eventing"
CONFIG: Final = "http://schemas.microsoft.com/wbem/wsman/1/config"
IDENTIFY: Final = "http://schemas.dmtf.org/wbem/wsman/identify/1/wsmanidentity.xsd"
FAULT: Final = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
POWERSHELL: Final = "http://schemas.microsoft.com/powershell"
XML: Final = "http://www.w3.org/XML/1998/namespace"

ANONYMOUS: Final = f"{ADDRESSING}/role/anonymous"
FAULT_ACTION: Final = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
FAULT_DETAIL: Final = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"

WINRS: Final = f"{SHELL}/cmd"
COMMANDS: Final = f"{SHELL}/Command"
POWERSHELL_PREFIX: Final = f"{POWERSHELL}/"
CONFIGURATIONS: Final = (
    "Microsoft.PowerShell",
    "Microsoft.PowerShell32",
    "Microsoft.PowerShell.Workflow",
)
"""The PowerShell session configurations that a server has by itself."""

SIGNALS: Final = f"{SHELL}/signal/"
PS_CTRL_C: Final = f"{POWERSHELL}/signal/crtl_c"
STATES: Final = f"{SHELL}/CommandState/"
SELECTOR_FILTER: Final = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
