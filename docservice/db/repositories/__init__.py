"""What can be asked of and done to the tables, one class per table."""
