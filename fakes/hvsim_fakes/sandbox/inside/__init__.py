"""What runs inside the sandbox: handed in as text, on whatever Python 3.8 or later is there.

Nothing here may import anything but the standard library. Nothing outside trusts what it says.
"""
