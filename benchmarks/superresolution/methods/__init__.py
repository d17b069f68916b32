"""The methods of the table, one in a file."""
