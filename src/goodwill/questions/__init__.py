"""One question is one file; its last line declares it."""
