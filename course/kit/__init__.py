"""What chapters are built of: drawing, panel, training, checks, and the record of a chapter."""
