"""vCenter's wire: the vim25 SOAP service under ``/sdk``."""
