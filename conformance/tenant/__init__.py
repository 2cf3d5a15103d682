"""How the suite talks to a tenant: address, credentials, exchanges, redaction, and the ledger of what it created."""
