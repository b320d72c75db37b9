"""What an installation prints as it goes, release by release."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hvsim.zones.zone import Phase, Zone


class OldInstallText:
    """The native brand of Solaris 10: packages are initialised one by one."""

    def __init__(self, zone: Zone, started: float, epoch: float) -> None:
        self._zone = zone
        self._started = started
        self._epoch = epoch

    def lines(self, phase: Phase) -> str:
        """Return what is printed when a phase begins."""
        name, number, total, _ = phase
        if name == "packages":
            return self._packages(number, total)
        zone, root = self._zone.name, self._zone.root
        log = f"{root}/var/sadm/system/logs/install_log"
        told = {
            "prepare": f"Preparing to install zone <{zone}>.\n"
            "Creating list of files to copy from the global zone.\n",
            "files": f"Copying <{total}> files to the zone.\n",
            "registry": "Initializing zone product registry.\n",
            "order": "Determining zone package initialization order.\n",
            "done": f"Zone <{zone}> is initialized.\n"
            f"The file <{log}> contains a log of the zone installation.\n",
        }
        return told.get(name, "")

    def _packages(self, number: int, total: int) -> str:
        if number == 0:
            return f"Preparing to initialize <{total}> packages on the zone.\n"
        counter = (
            f"\rInitializing package <{number}> of <{total}>: "
            f"percent complete: {100 * number // total}%"
        )
        return (
            counter if number < total else f"{counter}\nInitialized <{total}> packages on zone.\n"
        )


class NewInstallText:
    """The solaris brand of Solaris 11: an image is made of packages from a repository."""

    def __init__(self, zone: Zone, started: float, epoch: float) -> None:
        self._zone = zone
        self._started = started
        self._epoch = epoch

    def lines(self, phase: Phase) -> str:
        """Return what is printed when a phase begins."""
        name, number, total, _ = phase
        if name == "packages":
            return self._finished(total) if number == total else ""
        told = {
            "prepare": self._opening(),
            "files": "Installation: Starting ...\n\n        Creating IPS image\n",
            "registry": "        Installing packages from:\n            solaris\n",
            "order": f"{'DOWNLOAD':<40}PKGS         FILES    XFER (MB)   SPEED\n",
            "done": self._closing(phase.at),
        }
        return told.get(name, "")

    @property
    def log(self) -> str:
        """Path of the log that the text names."""
        when = datetime.fromtimestamp(self._epoch + self._started, UTC).strftime("%Y%m%dT%H%M%SZ")
        return f"/var/log/zones/zoneadm.{when}.{self._zone.name}.install"

    def _opening(self) -> str:
        dataset = f"rpool{self._zone.config.zonepath}"
        return (
            "The following ZFS file system(s) have been created:\n"
            f"    {dataset}\n"
            f"Progress being logged to {self.log}\n"
            f"       Image: Preparing at {self._zone.root}.\n\n"
            f" Install Log: /system/volatile/install.{self._zone.debug_id + 1000}/install_log\n"
            " AI Manifest: /tmp/manifest.xml.default\n"
            "  SC Profile: /usr/share/auto_install/sc_profiles/enable_sci.xml\n"
            f"    Zonename: {self._zone.name}\n"
        )

    def _finished(self, total: int) -> str:
        return (
            f"Completed                            {total // 4:>3}/{total // 4}   52000/52000"
            "  380.0/380.0  1.6M/s\n\n"
            "PHASE                                          ITEMS\n"
            "Installing new actions                   70000/70000\n"
            "Updating package state database                 Done\n"
            "Updating image state                            Done\n"
        )

    def _closing(self, now: float) -> str:
        seconds = now - self._started
        return (
            "Installation: Succeeded\n\n"
            "        Note: Man pages can be obtained by installing pkg:/system/manual\n\n"
            " done.\n\n"
            f"        Done: Installation completed in {seconds:.3f} seconds.\n\n\n"
            "  Next Steps: Boot the zone, then log into the zone console (zlogin -C)\n\n"
            "              to complete the configuration process.\n\n"
            f"Log saved in non-global zone as {self._zone.root}{self.log}\n"
        )


class IllumosInstallText:
    """The lipkg brand of OmniOS: an image of packages, told in few lines."""

    def __init__(self, zone: Zone, started: float, epoch: float) -> None:
        self._zone = zone
        self._started = started
        self._epoch = epoch

    def lines(self, phase: Phase) -> str:
        """Return what is printed when a phase begins."""
        name, number, total, _ = phase
        match name:
            case "prepare":
                return (
                    "A ZFS file system has been created for this zone.\n"
                    f"       Image: Preparing at {self._zone.root}.\n"
                )
            case "files":
                return "   Publisher: Using omnios (https://pkg.omnios.org/bloody/core/).\n"
            case "order":
                return (
                    "       Cache: Using /var/pkg/publisher.\n"
                    "  Installing: Packages (output follows)\n"
                )
            case "packages" if number == total:
                return f"Packages to install: {total // 8}\n"
            case "done":
                return (
                    "        Note: Man pages can be obtained by installing pkg:/system/manual\n"
                    " Postinstall: Copying SMF seed repository ... done.\n"
                    f"        Done: Installation completed in {phase.at - self._started:.3f} "
                    "seconds.\n\n"
                    "  Next Steps: Boot the zone, then log into the zone console (zlogin -C)\n"
                    "              to complete the configuration process.\n"
                )
        return ""


InstallText = OldInstallText | NewInstallText | IllumosInstallText
_BY_PROFILE: dict[str, type[InstallText]] = {
    "solaris-10": OldInstallText,
    "solaris-11": NewInstallText,
    "omnios": IllumosInstallText,
}


def text_of(profile: str, zone: Zone, started: float, epoch: float) -> InstallText:
    """Return what tells an installation.

    Args:
        started: simulated seconds at which it began.
        epoch: Unix time of second 0.
    """
    return _BY_PROFILE[profile](zone, started, epoch)
