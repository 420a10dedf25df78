"""What stands behind a claim: its tree from the sentence down to the row and the line of a file."""
