"""Rehearsals: what a provisioning client would do to a tenant, cycle by cycle, and what became of it."""
