"""The rules of a Copr: what it allows and does, the same for all APIs. No HTTP, no JSON, no Flask.

Most functions take a `Transaction` first and work in it; the caller that began the transaction commits it. If
a rule does not allow something, it raises an error of `rules.errors`, and the transaction is rolled back.
"""
