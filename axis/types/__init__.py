"""What kinds of messages there are: each a schema and a table of rules, without code. Pure.

A type is a folder ``xsd/<type>/<version>/``: ``type.toml`` says where sender, receivers, number and
the rest stand in the payload, the schema says what a payload is, examples show it. The documents
and statuses of edXML are types like all others, except that they have a reader of their own.
"""
