"""List a XenServer pool's guests and restart one, with Citrix's own SDK (pip install XenAPI).

hvsim serve small
python examples/clients/xenserver.py http://127.0.0.11:8080 root hvsim web
"""

import sys

import XenAPI

url, user, password, name = sys.argv[1:]
session = XenAPI.Session(url, ignore_ssl=True)
session.xenapi.login_with_password(user, password)
api = session.xenapi
for record in api.VM.get_all_records().values():
    if not (record["is_a_template"] or record["is_control_domain"]):
        print(record["name_label"], record["power_state"])
(guest,) = api.VM.get_by_name_label(name)
api.VM.clean_reboot(guest)
print(f"{name} was restarted and is {api.VM.get_power_state(guest)}")
