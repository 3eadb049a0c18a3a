"""Seeded generators of the raw inputs, one command line for each product."""
