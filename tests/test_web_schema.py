"""What the app's own description allows and what it forbids: many requests drawn from it, none of them an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, Config, GenerationMode
from schemathesis.schemas import APIOperation

import hostile_workspace
from goodwill.web import access
from goodwill.web.app import create_app
from goodwill.web.jobs import Job, Jobs
from goodwill.web.site import Site
from test_web_fuzz import client_of, token, wrong

pytestmark = pytest.mark.slow

#: Requests of each operation and kind; one seed, so that a red test is red for everybody.
EXAMPLES = 20
CONFIG = Config.from_dict({"seed": 1, "generation": {"deterministic": True, "database": "none"}})
#: The app without a workspace describes itself as any other.
DESCRIPTION = create_app(Site(Path("nowhere"))).openapi()
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION, config=CONFIG)
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


def can_be_wrong(operation: APIOperation[Any]) -> bool:
    """Is there anything that the description forbids? Any text is a name in an address."""
    said = DESCRIPTION["paths"][operation.path][operation.method]
    return "requestBody" in said or any(
        one["in"] == "query" or one["schema"].get("type") != "string" for one in said.get("parameters", ())
    )


TRIED = [
    (operation, mode)
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or can_be_wrong(operation)
]
#: What a browser may get beside pages.
KINDS = ("text/html", "text/plain", "text/css", "text/javascript", "text/csv", "image/svg+xml", "application/json")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(hostile_workspace.ran(tmp_path_factory.mktemp("schema") / "acme"))


@pytest.fixture
def client(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(Jobs, "start", lambda *_, **__: Job(1, "scan", "running", "2026-01-01T00:00:00+00:00"))
    monkeypatch.setattr(access, "COST", 2**4)
    with client_of(site) as made:
        yield made


def sent(client: TestClient, case: Case) -> Any:
    """The request as it would go over the wire, in the session and with the token of its forms."""
    said = case.as_transport_kwargs(base_url="http://localhost")
    allowed = ("method", "url", "params", "headers", "data", "json", "files", "cookies")
    made = requests.Request(**{name: said[name] for name in allowed if name in said}).prepare()
    headers = [(name, value) for name, value in made.headers.items() if name.lower() not in ("cookie", "user-agent")]
    headers = [(n.encode(), v if isinstance(v, bytes) else v.encode("latin-1", "replace")) for n, v in headers]
    headers.append((b"x-csrf-token", token(client).encode()))
    client.app.state.site.sessions.succeeded("address testclient")  # type: ignore[attr-defined]
    return client.request(made.method or "GET", made.url or "", content=made.body or b"", headers=headers)


def test_every_route_is_in_the_description() -> None:
    assert len(OPERATIONS) > 25
    assert {operation.method for operation in OPERATIONS} == {"get", "post"}


@pytest.mark.parametrize(("operation", "mode"), TRIED, ids=lambda one: getattr(one, "label", None) or one.value)
def test_nothing_that_is_drawn_leads_to_an_error(
    client: TestClient, operation: APIOperation[Any], mode: GenerationMode
) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def draw(case: Case) -> None:
        answer = sent(client, case)
        assert not wrong(answer), case.as_curl_command()
        kind = answer.headers.get("content-type", "").partition(";")[0]
        assert kind in KINDS if answer.content else answer.status_code in (303, 307), case.as_curl_command()
        assert operation.method == "post" or answer.status_code in (200, 303, 307, 404, 422), answer.status_code

    draw()
