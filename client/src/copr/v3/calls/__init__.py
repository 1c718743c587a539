"""The calls of API v3, one file per resource: functions that return calls or plans, and send nothing.

Rules: a function here has the parameters, docstring and types of the proxy method that is made of it. A call
imports no transport and no client.
"""
