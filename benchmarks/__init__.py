"""Measures this client beside the released one, over one and the same service on this machine.

Rules: `run` is the way in; `rows` says what is measured, `measure` how, `report` how it is told. The programs
`stub` and `link` are processes of their own, and `work` is what either client is made to do.
"""
