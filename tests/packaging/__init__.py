"""The program as strangers get it: built, installed, tried with each Python, and released."""
