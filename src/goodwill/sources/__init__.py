"""One export format is one file: it recognises a sheet and says how it fills canonical tables."""
