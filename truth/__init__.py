"""Do the methods tell the truth? Simulated comparisons with a known effect, straight into the estimates: `make truth`."""
