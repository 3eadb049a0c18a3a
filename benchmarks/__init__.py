"""Measurements of the products against what a user would run instead."""
