"""How questions of one family are put to the data: tables become samples, estimates and checks become parts of a verdict."""
