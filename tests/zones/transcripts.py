"""Golden transcripts: command lines on a host of each profile, and every byte they answer.

``python -m zones.transcripts`` (in ``tests``) records them anew.
"""

from pathlib import Path

from zonelabs import PROFILES, shell

FOLDER = Path(__file__).parents[2] / "fixtures" / "hvsim_fixtures" / "golden"
LINES = (
    "uname -a",
    "zonename",
    "zoneadm list -cv",
    "zoneadm list -cp",
    "zoneadm list -i",
    "zoneadm -z new verify",
    "zoneadm -z new install",
    "zoneadm -z new boot",
    "zoneadm -z new boot",
    "zoneadm -z new shutdown",
    "zoneadm -z new reboot",
    "zlogin new zonename",
    "zlogin db true",
    "ps -z set -o args",
    "zoneadm -z web halt",
    "zoneadm -z web halt",
    "zoneadm -z dead halt",
    "zoneadm -z web clone db",
    "zoneadm -z web detach",
    "zoneadm -z web attach",
    "zoneadm -z web uninstall",
    "zoneadm -z web uninstall -F",
    "zonecfg -z web info",
    "zonecfg -z web export",
    "zonecfg -z made 'create; set zonepath=/zones/made; set max-lwps=500'",
    "zonecfg -z made info",
    "zonecfg -z made delete",
    "zonecfg -z made delete -F",
    "zonecfg -z made info",
    "zonecfg -z bad name",
    "zoneadm list -pv",
    "zoneadm nonsense",
    "zfs list",
    "psrinfo -pv",
    "svcs ssh",
    "zoneadm list -cp",
)


def transcript(profile):
    """Return what a host answers to all lines, from a fresh lab."""
    told = []
    with shell(profile) as host:
        for line in LINES:
            answer = host(line)
            told.append(f"$ {line}\n{_marked('', answer.out)}{_marked('! ', answer.err)}")
            told.append(f"= {answer.status}\n")
    return "".join(told)


def place(profile):
    """Return the file of a profile's transcript."""
    return FOLDER / profile / "zones.txt"


def _marked(mark, text):
    """Return a stream's lines; a carriage return becomes visible."""
    shown = text.replace("\r", "\\r")
    return "".join(f"{mark}{line}\n" for line in shown.splitlines())


if __name__ == "__main__":
    for name in PROFILES:
        place(name).parent.mkdir(parents=True, exist_ok=True)
        place(name).write_text(transcript(name), "utf-8")
