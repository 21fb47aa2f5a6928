"""What auditors take home: the steps of documents as rows, with the place of each in the log.

An export is a folder: part files of one format, each whole or not there, a manifest with counts and
digests, and a signed note over the manifest. The log itself is exported by ``axis ledger export``.
"""
