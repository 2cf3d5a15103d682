"""The verdicts: one test module for each feature; a check is a few asserts over evidence and sends nothing."""
