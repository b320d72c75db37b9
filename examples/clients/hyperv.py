"""Ask a Hyper-V host itself for its guests, with pywinrm (pip install pywinrm).

hvsim serve hyperv
python examples/clients/hyperv.py http://127.0.0.11:8080 Administrator hvsim
"""

import sys

import winrm

url, user, password = sys.argv[1:]
session = winrm.Session(f"{url}/wsman", auth=(user, password), transport="ntlm")
answer = session.run_ps('Get-VM | ForEach-Object { "$($_.Name) $($_.State)" }')
print(answer.std_out.decode(), end="")
sys.exit(answer.status_code)
