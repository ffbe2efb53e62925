"""The exchange: assignments out, submissions in against receipts, feedback back.

A service of its own (`python -m technopark.exchange`), called over HTTP by `technopark_exchange`
in the images. It trusts the server's clock and the hub's word who is asking, nothing else.
"""
