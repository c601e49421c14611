"""Comparing two treatments or strategies: arms, covariates, models, refusals, and the words that go with every answer."""
