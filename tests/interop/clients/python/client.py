"""The official Python client.  client.py WORLD.json USER journey|fixtures legacy|auto|VERSION"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
from mcp import Client, MCPError
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from mcp_types import PromptReference
from report import Report

INVALID_PARAMS = -32602
RESOURCE_NOT_FOUND = -32002
SPOKEN = {"legacy": "2025-11-25", "auto": "2026-07-28"}


class Memory:
    """Token storage with a client ID that is registered beforehand."""

    def __init__(self, client: OAuthClientInformationFull) -> None:
        self.client = client
        self.tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Person:
    """The person at the browser: chooses the account, consents, and reads the redirect instead of following it."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.sign_ins = 0
        self.result: AuthorizationCodeResult | None = None

    async def open(self, authorization_url: str) -> None:
        page = httpx2.URL(authorization_url).copy_merge_params({"user": self.user, "consent": "yes"})
        async with httpx2.AsyncClient() as browser:
            answer = await browser.get(page)
        redirect = httpx2.URL(answer.headers["location"])
        self.result = AuthorizationCodeResult(
            code=redirect.params["code"], state=redirect.params.get("state"), iss=redirect.params.get("iss")
        )
        self.sign_ins += 1

    async def come_back(self) -> AuthorizationCodeResult:
        assert self.result is not None
        return self.result


def authentication(world: dict[str, str], person: Person) -> OAuthClientProvider:
    metadata = OAuthClientMetadata.model_validate(
        {
            "client_name": "connector-interop",
            "redirect_uris": [world["redirectUri"]],
            "token_endpoint_auth_method": "none",
        }
    )
    client = OAuthClientInformationFull(client_id=world["clientId"], **metadata.model_dump(exclude_none=True))
    return OAuthClientProvider(
        server_url=world["connectorUrl"],
        client_metadata=metadata,
        storage=Memory(client),
        redirect_handler=person.open,
        callback_handler=person.come_back,
    )


async def call(client: Client, tools: dict[str, Any], name: str, arguments: dict[str, Any]) -> Any:
    """Calls a tool that must succeed, with structured content that its output schema allows."""
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content
    jsonschema.validate(result.structured_content, tools[name].output_schema)
    return result


async def journey(client: Client, user: str, report: Report) -> None:
    """What a client does once it is connected, and what must come of it."""

    async def list_tools() -> dict[str, Any]:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        for tool in tools.values():
            assert tool.annotations is not None and tool.annotations.read_only_hint, tool.name
            assert tool.output_schema is not None, tool.name
        assert {"get_me", "outlook_email_search", "read_resource"} <= tools.keys()
        return tools

    tools = await report.check("lists the tools, each of them read-only and with an output schema", list_tools)
    if tools is None:
        return

    async def me() -> None:
        result = await call(client, tools, "get_me", {})
        assert result.structured_content["userPrincipalName"] == user

    async def search() -> dict[str, Any]:
        result = await call(client, tools, "outlook_email_search", {"query": "report", "limit": 3})
        found = result.structured_content
        assert 0 < len(found["items"]) <= 3
        assert found["completeness"]["returned"] == len(found["items"])
        return found["items"][0]

    await report.check("get_me is the user who signed in", me)
    hit = await report.check("outlook_email_search takes arguments and finds mail", search)

    async def read() -> None:
        result = await call(client, tools, "read_resource", {"uri": hit["uri"]})
        assert hit["subject"] in result.content[0].text, "the text lacks the subject"

    async def unknown_tool() -> None:
        try:
            await client.call_tool("no_such_tool", {})
        except MCPError as error:
            assert error.code == INVALID_PARAMS, error.code
            return
        raise AssertionError("it was answered")

    async def wrong_argument() -> None:
        result = await client.call_tool("outlook_email_search", {"limit": "many"})
        assert result.is_error and result.structured_content is None
        assert "limit" in result.content[0].text

    await report.check("read_resource reads the first hit", read)
    await report.check("an unknown tool is a protocol error", unknown_tool)
    await report.check("a wrong argument is a tool error that names it", wrong_argument)


async def fixtures(client: Client, spoken: str, report: Report) -> None:
    """What the connector's transport can carry and its own tools do not use."""

    async def listed() -> None:
        assert "test_mirrored_argument" in [tool.name for tool in (await client.list_tools()).tools]

    async def progress() -> None:
        seen: list[tuple[float, float | None]] = []

        async def note(progress: float, total: float | None, message: str | None) -> None:
            seen.append((progress, total))

        await client.call_tool("test_tool_with_progress", {}, progress_callback=note)
        assert seen == [(0, 100), (50, 100), (100, 100)], seen

    async def contents() -> None:
        result = await client.call_tool("test_multiple_content_types", {})
        assert [block.type for block in result.content] == ["text", "image", "resource"]

    async def mirrored() -> None:
        result = await client.call_tool("test_mirrored_argument", {"region": "Zürich "})
        assert not result.is_error, result.content

    async def resources() -> None:
        text, binary = [resource.uri for resource in (await client.list_resources()).resources]
        assert (await client.read_resource(text)).contents[0].text
        assert (await client.read_resource(binary)).contents[0].blob

    async def template() -> None:
        pattern = (await client.list_resource_templates()).resource_templates[0].uri_template
        read = await client.read_resource(pattern.replace("{id}", "123"))
        assert json.loads(read.contents[0].text)["id"] == "123"

    async def missing() -> None:
        expected = RESOURCE_NOT_FOUND if spoken == "2025-11-25" else INVALID_PARAMS
        try:
            await client.read_resource("test://nowhere")
        except MCPError as error:
            assert error.code == expected, error.code
            return
        raise AssertionError("it was read")

    async def prompt() -> None:
        prompts = (await client.list_prompts()).prompts
        name = next(prompt.name for prompt in prompts if len(prompt.arguments or []) == 2)
        filled = await client.get_prompt(name, {"arg1": "hello", "arg2": "world"})
        assert "hello" in filled.messages[0].content.text
        found = await client.complete(PromptReference(name=name), {"name": "arg1", "value": "par"})
        assert found.completion.values == ["paris", "park", "party"]

    await report.check("lists the tools, the one with the mirrored argument among them", listed)
    await report.check("progress arrives while the call runs", progress)
    await report.check("text, an image and a resource arrive in one answer", contents)
    await report.check("an argument that travels in a header too is taken, whatever its characters", mirrored)
    await report.check("resources are listed and read, as text and as bytes", resources)
    await report.check("a pattern of resources is listed, and filled in", template)
    await report.check("a resource that is not there is a protocol error", missing)
    await report.check("a prompt is listed, filled in, and completed", prompt)


async def connect(world: dict[str, str], user: str, visit: str, mode: str, report: Report) -> None:
    person = Person(user)
    async with httpx2.AsyncClient(auth=authentication(world, person), timeout=30) as http:
        transport = streamable_http_client(world["connectorUrl"], http_client=http)
        async with Client(transport, mode=mode) as client:
            spoken = SPOKEN.get(mode, mode)

            async def speaks() -> None:
                assert client.protocol_version == spoken, client.protocol_version

            async def signed_in_once() -> None:
                assert person.sign_ins == 1, person.sign_ins

            await report.check(f"speaks {spoken}", speaks)
            if visit == "fixtures":
                await fixtures(client, spoken, report)
            else:
                await journey(client, user, report)
            await report.check("was refused without a token, and signed in once", signed_in_once)


async def main() -> int:
    world_file, user, visit, mode = sys.argv[1:]
    world = json.loads(Path(world_file).read_text(encoding="utf-8"))
    report = Report()
    await report.check("connects and takes its leave", lambda: connect(world, user, visit, mode, report))
    return 1 if report.failed else 0


sys.exit(asyncio.run(main()))
