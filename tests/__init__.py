"""A package, so that one test file can import from another."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
