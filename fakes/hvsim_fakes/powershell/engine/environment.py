"""Environment variables of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.objects.text import to_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hvsim_fakes.powershell.host import Host


class Environment:
    """Variables of ``$env:``, without regard to case; changes last as long as the session."""

    def __init__(self, host: Host, more: Mapping[str, str] | None = None) -> None:
        user = host.user.rpartition("\\")[2]
        self._values: dict[str, tuple[str, str]] = {}
        for name, value in {
            "ALLUSERSPROFILE": "C:\\ProgramData",
            "APPDATA": f"C:\\Users\\{user}\\AppData\\Roaming",
            "CommonProgramFiles": "C:\\Program Files\\Common Files",
            "COMPUTERNAME": host.computer,
            "ComSpec": "C:\\Windows\\system32\\cmd.exe",
            "LOCALAPPDATA": f"C:\\Users\\{user}\\AppData\\Local",
            "NUMBER_OF_PROCESSORS": "4",
            "OS": "Windows_NT",
            "Path": "C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\WindowsPowerShell"
            "\\v1.0\\",
            "PATHEXT": ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC;.CPL",
            "PROCESSOR_ARCHITECTURE": "AMD64",
            "ProgramData": "C:\\ProgramData",
            "ProgramFiles": "C:\\Program Files",
            "ProgramFiles(x86)": "C:\\Program Files (x86)",
            "PSModulePath": "C:\\Program Files\\WindowsPowerShell\\Modules;C:\\Windows\\system32"
            "\\WindowsPowerShell\\v1.0\\Modules",
            "PUBLIC": "C:\\Users\\Public",
            "SystemDrive": "C:",
            "SystemRoot": "C:\\Windows",
            "TEMP": "C:\\Windows\\Temp",
            "TMP": "C:\\Windows\\Temp",
            "USERDNSDOMAIN": host.domain.upper(),
            "USERDOMAIN": host.user.rpartition("\\")[0] or host.computer,
            "USERNAME": user,
            "USERPROFILE": f"C:\\Users\\{user}",
            "windir": "C:\\Windows",
            **host.environment,
            **(more or {}),
        }.items():
            self._values[name.upper()] = (name, value)

    def get(self, name: str) -> str | None:
        """Return a variable."""
        found = self._values.get(name.upper())
        return None if found is None else found[1]

    def set(self, name: str, value: Any) -> None:
        """Set a variable; an empty value removes it."""
        text = "" if value is None else to_text(value)
        if not text:
            self._values.pop(name.upper(), None)
        elif len(self._values) < 4096:
            self._values[name.upper()] = (name, text[:32_767])

    def items(self) -> list[tuple[str, str]]:
        """Return all, sorted by name."""
        return [self._values[name] for name in sorted(self._values)]
