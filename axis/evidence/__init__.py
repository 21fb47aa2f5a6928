"""The courtroom package: everything about one document in one ASiC-E container (EN 319 162-1).

It opens with any ZIP program, its signature verifies with general XAdES tools, its receipts with
any tlog-proof verifier, its time stamps with OpenSSL. It proves what happened without the axis.
"""
