"""The pipeline: examine, record, publish, acknowledge, answer; in batches, in this order."""
