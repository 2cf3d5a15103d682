"""Faults of the reference tenant: the proof that the checks can fail. One module for each feature."""
