"""The calls of API v3, one file per resource: functions that return calls or flows, and send nothing.

Rules: a function's parameters, docstring and types are those of the proxy method that is made of it. A call
imports no transport and no client.
"""
