"""List a VMM server's guests and stop one, with pypsrp (pip install pypsrp).

hvsim serve hyperv
python examples/clients/scvmm.py http://127.0.0.15:8080 Administrator hvsim web
"""

import sys
from urllib.parse import urlsplit

from pypsrp.client import Client

url, user, password, name = sys.argv[1:]
place = urlsplit(url)
client = Client(
    place.hostname, port=place.port, ssl=False, username=user, password=password, auth="ntlm"
)
script = f"""
Get-SCVirtualMachine | ForEach-Object {{ "$($_.Name) $($_.Status) on $($_.VMHost.Name)" }}
$guest = Get-SCVirtualMachine -Name '{name}'
$guest = Stop-SCVirtualMachine -VM $guest -Shutdown
"$($guest.Name) is $($guest.Status) now"
"""
output, streams, failed = client.execute_ps(script)
print(output)
if failed:
    sys.exit("\n".join(str(error) for error in streams.error))
