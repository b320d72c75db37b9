"""Guest operating systems that virtual machines may be set up for: identifier, name and family.

Names are those that vSphere shows; only some of its many are here.
"""

from __future__ import annotations

from typing import Final

WINDOWS: Final = "windowsGuest"
LINUX: Final = "linuxGuest"
OTHER: Final = "otherGuestFamily"

SYSTEMS: Final[dict[str, tuple[str, str]]] = {
    "windows2022srvNext_64Guest": ("Microsoft Windows Server 2025 (64-bit)", WINDOWS),
    "windows2019srvNext_64Guest": ("Microsoft Windows Server 2022 (64-bit)", WINDOWS),
    "windows2019srv_64Guest": ("Microsoft Windows Server 2019 (64-bit)", WINDOWS),
    "windows9Server64Guest": ("Microsoft Windows Server 2016 (64-bit)", WINDOWS),
    "windows8Server64Guest": ("Microsoft Windows Server 2012 (64-bit)", WINDOWS),
    "windows7Server64Guest": ("Microsoft Windows Server 2008 R2 (64-bit)", WINDOWS),
    "winLonghorn64Guest": ("Microsoft Windows Server 2008 (64-bit)", WINDOWS),
    "winLonghornGuest": ("Microsoft Windows Server 2008 (32-bit)", WINDOWS),
    "winNetEnterprise64Guest": ("Microsoft Windows Server 2003 (64-bit)", WINDOWS),
    "winNetStandardGuest": ("Microsoft Windows Server 2003 Standard (32-bit)", WINDOWS),
    "windows11_64Guest": ("Microsoft Windows 11 (64-bit)", WINDOWS),
    "windows9_64Guest": ("Microsoft Windows 10 (64-bit)", WINDOWS),
    "windows8_64Guest": ("Microsoft Windows 8.x (64-bit)", WINDOWS),
    "windows7_64Guest": ("Microsoft Windows 7 (64-bit)", WINDOWS),
    "winXPProGuest": ("Microsoft Windows XP Professional (32-bit)", WINDOWS),
    "rhel9_64Guest": ("Red Hat Enterprise Linux 9 (64-bit)", LINUX),
    "rhel8_64Guest": ("Red Hat Enterprise Linux 8 (64-bit)", LINUX),
    "rhel7_64Guest": ("Red Hat Enterprise Linux 7 (64-bit)", LINUX),
    "rhel6_64Guest": ("Red Hat Enterprise Linux 6 (64-bit)", LINUX),
    "rhel5_64Guest": ("Red Hat Enterprise Linux 5 (64-bit)", LINUX),
    "centos8_64Guest": ("CentOS 8 (64-bit)", LINUX),
    "centos7_64Guest": ("CentOS 7 (64-bit)", LINUX),
    "debian12_64Guest": ("Debian GNU/Linux 12 (64-bit)", LINUX),
    "debian11_64Guest": ("Debian GNU/Linux 11 (64-bit)", LINUX),
    "debian10_64Guest": ("Debian GNU/Linux 10 (64-bit)", LINUX),
    "ubuntu64Guest": ("Ubuntu Linux (64-bit)", LINUX),
    "ubuntuGuest": ("Ubuntu Linux (32-bit)", LINUX),
    "sles15_64Guest": ("SUSE Linux Enterprise 15 (64-bit)", LINUX),
    "sles12_64Guest": ("SUSE Linux Enterprise 12 (64-bit)", LINUX),
    "oracleLinux8_64Guest": ("Oracle Linux 8 (64-bit)", LINUX),
    "vmwarePhoton64Guest": ("VMware Photon OS (64-bit)", LINUX),
    "other5xLinux64Guest": ("Other 5.x or later Linux (64-bit)", LINUX),
    "other3xLinux64Guest": ("Other 3.x Linux (64-bit)", LINUX),
    "otherLinux64Guest": ("Other Linux (64-bit)", LINUX),
    "solaris11_64Guest": ("Oracle Solaris 11 (64-bit)", "solarisGuest"),
    "solaris10_64Guest": ("Oracle Solaris 10 (64-bit)", "solarisGuest"),
    "freebsd13_64Guest": ("FreeBSD 13 or later versions (64-bit)", OTHER),
    "otherGuest64": ("Other (64-bit)", OTHER),
    "otherGuest": ("Other (32-bit)", OTHER),
}
