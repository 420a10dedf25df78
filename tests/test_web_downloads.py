"""Pictures and tables as files: what the report wrote, and nothing else."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from goodwill.web.app import create_app
from goodwill.web.site import Site
from kept_answers import keep


@pytest.fixture
def made(tmp_path: Path) -> TestClient:
    keep(tmp_path)
    (tmp_path / "figures").mkdir()
    (tmp_path / "tables").mkdir()
    (tmp_path / "figures" / "win_rate-curves.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "tables" / "all answers.csv").write_text("question\nwin_rate\n")
    (tmp_path / "tables" / "notes.txt").write_text("mine")
    (tmp_path / "tables" / "secret.csv").symlink_to(tmp_path / "goodwill.toml")
    return TestClient(create_app(Site(tmp_path)), base_url="http://localhost")


def test_they_are_listed_and_come_as_files(made: TestClient) -> None:
    page = made.get("/downloads").text
    assert "/downloads/tables/all%20answers.csv" in page
    assert "notes.txt" not in page
    assert "secret.csv" not in page
    answer = made.get("/downloads/tables/all%20answers.csv")
    assert answer.text == "question\nwin_rate\n"
    picture = made.get("/downloads/figures/win_rate-curves.svg")
    assert picture.headers["content-disposition"].startswith("attachment")
    assert picture.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "tables/secret.csv",
        "tables/notes.txt",
        "tables/..%2Fgoodwill.toml",
        "figures/../goodwill.toml",
        "tables/%00.csv",
    ],
)
def test_nothing_else_comes(made: TestClient, path: str) -> None:
    answer = made.get(f"/downloads/{path}")
    assert answer.status_code == 404
    assert "[company]" not in answer.text


def test_other_folders_are_not_asked(made: TestClient) -> None:
    assert made.get("/downloads/exports/x.csv").status_code == 422
