"""The native HTTP door: a table of operations, from which come the routes and the OpenAPI document.

A request is identified before anything is looked up; then one function of a room's file answers it.
"""
