"""Put a vCenter's host into maintenance mode with pyVmomi (pip install pyvmomi); DRS empties it.

hvsim serve vsphere
python examples/clients/vcenter.py https://127.0.0.15:8443 administrator@vsphere.local hvsim
"""

import sys
from urllib.parse import urlsplit

from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask

url, user, password = sys.argv[1:]
place = urlsplit(url)
service = SmartConnect(
    host=place.hostname, port=place.port, user=user, pwd=password, disableSslCertValidation=True
)
content = service.RetrieveContent()
(cluster,) = content.rootFolder.childEntity[0].hostFolder.childEntity
host = cluster.host[0]
moving = [guest for guest in host.vm if guest.runtime.powerState == "poweredOn"]
print(f"{host.name} of {cluster.name} runs", ", ".join(guest.name for guest in moving) or "nothing")
WaitForTask(host.EnterMaintenanceMode_Task(timeout=0, evacuatePoweredOffVms=False))
for guest in moving:
    print(f"{guest.name} runs on {guest.runtime.host.name}")
print("in maintenance mode:", host.runtime.inMaintenanceMode)
Disconnect(service)
