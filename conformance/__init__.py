"""The SCIM 2.0 conformance suite: ask a tenant, keep what it answered, judge the answers against the RFCs."""

__version__ = "0.1.0"
