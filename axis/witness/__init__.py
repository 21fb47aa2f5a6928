"""A witness (C2SP tlog-witness): it cosigns a log's checkpoint only if nothing before was changed.

Provinces and ministries run one each, on their own machine, with their own key and their own
records: one SQLite file that knows the last checkpoint of every log. It needs nothing of the axis.
"""
