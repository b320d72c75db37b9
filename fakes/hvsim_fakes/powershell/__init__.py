"""A PowerShell 5.1 subset of our own for simulated Windows hosts.

Nothing in it touches the machine it runs on: no file, process, network or Python object is within
a script's reach. Members of objects come from explicit tables (:mod:`objects.nettype`), .NET types
from a registry (:mod:`dotnet`), commands from a table (:mod:`cmdlet`).

For those who run scripts (WinRS, PSRP)::

    runspace = Runspace(host, commands)          # runspace.py; state lives on between scripts
    outcome = runspace.run(script, streams)      # streams.output(value), streams.error(record), ...
    outcome = runspace.run_commands(commands, streams, input)     # a PSRP pipeline
    done = powershell(host, commands, script)    # program.py: stdout, stderr (CLIXML), exit code

For those who write cmdlets: :mod:`cmdlet` says how.
"""
