"""How an envelope is shared in a group: our method, since the official function from the three
indicators to a rate is not published (own reading; docs/adr/0015).

Exact arithmetic: integers and fractions. Steps 1 to 8 are those of the decision.
"""
