"""What can be proved: entries, the Merkle tree over them, checkpoints, proofs and receipts.

The formats are other people's, so that their tools can check ours: RFC 8785 for the bytes of an
entry, RFC 9162 (and 6962) for the tree, C2SP signed-note, tlog-checkpoint, tlog-tiles and
tlog-proof for what leaves the house. Everything here is pure: bytes, values and ``now`` go in.
"""
