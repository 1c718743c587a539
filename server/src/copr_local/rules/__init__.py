"""What a Copr allows and does, whichever wire asks: no HTTP, no JSON, no Flask.

Every function takes a `Transaction` first and works inside it; whoever began the transaction commits it. A
rule that does not allow something raises one of `rules.errors`, and the transaction is rolled back.
"""
