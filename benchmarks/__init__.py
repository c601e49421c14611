"""Speed and memory, side by side with peers in one run: `make bench`. A benchmark is a benchmark, never a timed test."""
