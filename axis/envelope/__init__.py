"""What is said: edXML values, limits, schema gate, rules, reader and writer (QCVN 102:2016/BTTTT).

The room is pure: bytes and values in, values and bytes out. A package is examined in this order,
each step relying on the one before: :func:`axis.envelope.limits.prescan`,
:func:`axis.envelope.tree.parse_tree`, :func:`axis.envelope.schema.validate`,
:func:`axis.envelope.reader.read`, :func:`axis.envelope.rules.check`;
:func:`axis.envelope.package.parse` runs all five. Nothing here says that a package can be trusted.
"""
