"""Host backup and restore with guests on the boot disk (BACKUP-XEN-*)."""

from hvsim_conformance.checks.rhel5xen import check
from hvsim_conformance.checks.shared import backup

backup.register(check, "XEN", guest="spare")
