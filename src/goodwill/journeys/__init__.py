"""What happened to whom and when: one table is one .sql file."""
