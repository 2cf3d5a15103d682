"""A tenant of our own: right in everything the RFCs demand, built so that one rule at a time can be made wrong."""
