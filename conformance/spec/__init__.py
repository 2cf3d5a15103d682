"""What the RFCs say, as data and pure functions. No I/O beyond the suite's own data files."""
