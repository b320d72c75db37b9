"""A POSIX shell of our own for simulated hosts: nothing in it touches the machine it runs on."""
