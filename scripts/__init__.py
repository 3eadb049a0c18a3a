"""What runs around dbt: generators of mock input, servers, build, lint, docs."""

from pathlib import Path

# the project's folder
ROOT = Path(__file__).resolve().parents[1]
