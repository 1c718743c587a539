"""Control of a local Copr in tests of other programs: its time, builds, network faults and state.

clock.py      the time of the service
script.py     scripted builds: the test sets their duration and result; RPMs and logs are real
rpm_file.py   writes those RPMs without rpmbuild
snapshots.py  stores and restores the whole state of the service

`Fault` and `Faults` (delays, resets, error statuses, cut and slow responses) are in
`copr_local.http.injected_faults`.
"""

from ..http.injected_faults import Fault, Faults
from .clock import Clock
from .script import Script
from .snapshots import Snapshot

__all__ = ["Clock", "Fault", "Faults", "Script", "Snapshot"]
