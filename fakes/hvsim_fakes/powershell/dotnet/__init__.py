"""The part of the .NET class library that scripts may use; nothing of it touches the host."""
