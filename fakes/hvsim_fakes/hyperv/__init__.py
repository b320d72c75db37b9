"""Hyper-V hosts as they answer for themselves, over WinRM."""
