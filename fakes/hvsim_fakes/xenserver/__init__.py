"""The XenAPI endpoint: XML-RPC and JSON-RPC in front of a simulated XenServer pool."""
