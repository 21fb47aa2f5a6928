"""The process that the HTTP doors run in: server, transport guards, identity, limits, refusals."""
