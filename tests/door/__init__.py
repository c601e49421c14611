"""The door: who comes in, and what nobody gets."""
