"""Host backup and restore with guests on the boot disk (BACKUP-XEN-*)."""

from hvsim_conformance.checks.shared import backup
from hvsim_conformance.checks.xenserver import check

backup.register(check, "XEN", guest="nested")
