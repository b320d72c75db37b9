"""WS-Management over HTTP as a Windows server speaks it: WinRS shells and PowerShell remoting."""
