"""How an office gets its place at the axis: a one-time code, a key of its own, a person who agrees.

An operator makes a bundle with a code for one office. The office's agent makes its key, and asks
with the code; what it asks can be compared over the telephone by a fingerprint. Once a person has
approved it, the agent collects its certificate and its token. The code alone gives nothing.
"""
