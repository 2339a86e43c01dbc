"""Pictures of modules and of results, drawn from recorded graphs and plain data."""
