"""Who is who: nodes are joined into people and accounts, never destructively."""
