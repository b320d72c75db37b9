"""The simulated datacentre: hardware, time, events and the products' own vocabularies.

No network code and no wire format lives here; the endpoints in ``hvsim_fakes`` translate.
"""

__version__ = "0.1.0"
