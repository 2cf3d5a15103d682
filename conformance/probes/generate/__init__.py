"""Examples that hypothesis generates, for the probes in ``generated``. Nothing here is imported before it is needed."""
