"""A package, so that one test file can import from another."""
