"""How questions of one family are put to the data: tables become samples; estimates and checks, parts of a verdict."""
