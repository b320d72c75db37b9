"""The vSphere Automation API: one set of services by ``/rest``, ``/api`` and JSON-RPC."""
