"""Benchmarks: this client and the released one do the same work against the same service on this machine.

Rules: `run` is the entry point. `rows` has the work, `measure` runs it, `report` makes the page. The programs
`stub` and `link` run as processes of their own. `work` is the work itself. `load` and `chaos` are commands of
their own, about the service.
"""
