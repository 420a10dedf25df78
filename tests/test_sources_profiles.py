"""What CRMs keep in columns for profiles becomes the node that interactions would name."""

from __future__ import annotations

import duckdb
import pytest

from goodwill.exports import Sheet
from goodwill.sources import records


@pytest.mark.slow
@pytest.mark.parametrize(
    ("venue", "said", "node"),
    [
        ("linkedin", "https://www.linkedin.com/in/Jane-Doe/?x=1", "linkedin:jane-doe"),
        ("x", "@JDoe", "x:jdoe"), ("x", "https://x.com/JDoe?s=20", "x:jdoe"),
        ("facebook", "https://www.facebook.com/jane.doe/", "facebook:jane.doe"),
        ("facebook", "https://facebook.com/profile.php?id=1000&sk=about", "facebook:1000"),
        ("instagram", "https://www.instagram.com/Jane_Doe/?hl=en", "instagram:jane_doe"),
        ("instagram", "@jane", "instagram:jane"),
        ("youtube", "https://www.youtube.com/@Acme/videos", "youtube:acme"),
        ("youtube", "https://youtube.com/channel/UCabc", "youtube:ucabc"),
        ("bluesky", "https://bsky.app/profile/jane.bsky.social", "bluesky:jane.bsky.social"),
        ("github", "https://github.com/Jane", "github:jane"),
        ("xing", "https://www.xing.com/profile/Jane_Doe/cv", "xing:jane_doe"),
        ("instagram", "see our page", None), ("facebook", "https://acme.com/about", None), ("github", "ask me!", None),
    ],
)  # fmt: skip
def test_profiles_as_they_stand_in_a_crm(venue: str, said: str, node: str | None) -> None:
    cell = records.profile(_sheet(), venue, "Profile")
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE sheet AS SELECT $said AS "Profile"', {"said": said})
        assert connection.execute(f"SELECT {cell.value} FROM sheet").fetchall() == [(node,)]


def _sheet() -> Sheet:
    return Sheet("contacts.csv", "contacts", ("Profile",), 2, (), "sheet")
