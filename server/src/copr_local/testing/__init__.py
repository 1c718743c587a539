"""What tests of other programs want of a local Copr: its clock, builds and faults are as the test says.

clock.py      the time of the service
script.py     builds that end when and how the test says, with real RPMs and logs
rpm_file.py   those RPMs, written without rpmbuild
faults.py     a network that misbehaves: delays, resets, error statuses, cut and dripping bodies
snapshots.py  all of the service's state, kept and brought back
"""

from ..http.injected_faults import Fault, Faults
from .clock import Clock
from .script import Script
from .snapshots import Snapshot

__all__ = ["Clock", "Fault", "Faults", "Script", "Snapshot"]
