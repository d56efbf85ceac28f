"""Telling other systems what happened, by calling them.

Nothing to do with `procurement.inbound`, which takes in what vendors send to us. The
convention is that of https://www.standardwebhooks.com: three headers, one signature.
"""
