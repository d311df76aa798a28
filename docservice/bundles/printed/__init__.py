"""What a change of a case does to documents that are printed already."""
