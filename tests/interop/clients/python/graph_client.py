"""Microsoft Graph core for Python against the simulated Graph over HTTPS.  graph_client.py CLOUD.json"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from azure.core.credentials import AccessToken
from kiota_abstractions.api_client_builder import register_default_deserializer, register_default_serializer
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_abstractions.serialization import Parsable, ParseNode, SerializationWriter
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from kiota_serialization_json.json_serialization_writer_factory import JsonSerializationWriterFactory
from msal_client import GRAPH, Cloud, granted
from msgraph_core import (
    AzureIdentityAuthenticationProvider,
    BaseGraphRequestAdapter,
    GraphClientFactory,
    PageIterator,
)
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from report import Report

register_default_deserializer(JsonParseNodeFactory)
register_default_serializer(JsonSerializationWriterFactory)


@dataclass
class Message(Parsable):
    """As much of a message as the pages are asked for."""

    id: str | None = None

    @staticmethod
    def create_from_discriminator_value(_: ParseNode) -> "Message":
        return Message()

    def get_field_deserializers(self) -> dict[str, Callable[[ParseNode], None]]:
        return {"id": lambda node: setattr(self, "id", node.get_str_value())}

    def serialize(self, writer: SerializationWriter) -> None:
        writer.write_str_value("id", self.id)


@dataclass
class MessagePage(Parsable):
    """A page of messages, as Microsoft's generator writes such a class: the iterator reads its fields by name."""

    odata_count: int | None = None
    odata_next_link: str | None = None
    value: list[Message] = field(default_factory=list)

    @staticmethod
    def create_from_discriminator_value(_: ParseNode) -> "MessagePage":
        return MessagePage()

    def get_field_deserializers(self) -> dict[str, Callable[[ParseNode], None]]:
        return {
            "@odata.count": lambda node: setattr(self, "odata_count", node.get_int_value()),
            "@odata.nextLink": lambda node: setattr(self, "odata_next_link", node.get_str_value()),
            "value": lambda node: setattr(self, "value", node.get_collection_of_object_values(Message)),
        }

    def serialize(self, writer: SerializationWriter) -> None:
        writer.write_int_value("@odata.count", self.odata_count)
        writer.write_str_value("@odata.nextLink", self.odata_next_link)
        writer.write_collection_of_object_values("value", self.value)


def reading(url: str) -> RequestInformation:
    request = RequestInformation()
    request.http_method = Method.GET
    request.url = url
    return request


class OnBehalfOf:
    """The credential of a middle tier: signs the person in anew whenever Graph challenges."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.app = cloud.connector(cloud.told["clientSecret"])
        self.assertion: str = cloud.sign_in()["access_token"]
        self.challenges: list[str] = []
        self.token: AccessToken | None = None

    def get_token(self, *scopes: str, claims: str | None = None, **_: Any) -> AccessToken:
        if claims:
            self.challenges.append(claims)
            self.assertion = self.cloud.sign_in(claims)["access_token"]
        elif self.token:
            return self.token
        result = granted(self.app.acquire_token_on_behalf_of(self.assertion, GRAPH, claims_challenge=claims))
        self.token = AccessToken(result["access_token"], int(time.time()) + result["expires_in"])
        return self.token


class Graph:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.credential = OnBehalfOf(cloud)
        host = httpx.URL(cloud.base).host
        provider = AzureIdentityAuthenticationProvider(self.credential, scopes=GRAPH, allowed_hosts=[host])
        client = GraphClientFactory.create_with_default_middleware(client=httpx.AsyncClient(timeout=20))
        self.adapter = BaseGraphRequestAdapter(provider, http_client=client)
        self.adapter.base_url = self.base = f"{cloud.base}/v1.0"

    async def get(self, path: str) -> bytes:
        content = await self.adapter.send_primitive_async(reading(self.base + path), "bytes", {})
        assert isinstance(content, bytes), content
        return content

    async def read(self, path: str) -> dict[str, Any]:
        return json.loads(await self.get(path))

    async def profile(self) -> None:
        assert (await self.read("/me"))["userPrincipalName"] == self.cloud.user

    async def pages(self) -> None:
        address = f"{self.base}/me/messages?$select=id&$count=true&$top=50"
        first = await self.adapter.send_async(reading(address), MessagePage, {})
        assert isinstance(first, MessagePage), first
        seen: list[str | None] = []

        def see(message: Message) -> bool:
            seen.append(message.id)
            return True

        await PageIterator(first, self.adapter).iterate(see)
        count = first.odata_count or 0
        assert len(seen) == len(set(seen)) == count > 50, f"{len(seen)} messages, {len(set(seen))} of {count}"

    async def batch(self) -> None:
        """By what became of each item: the library (1.5.2) drops bodies that are JSON."""
        newest = (await self.read("/me/messages?$select=id&$top=1"))["value"][0]["id"]
        addresses = {
            "profile": "/me",
            "message": f"/me/messages/{newest}?$select=id",
            "nothing": f"/me/messages/{newest[:-12]}AAAAAAAA{newest[-4:]}",
            "nobody": "/users/nobody@nowhere.example",
        }
        content = BatchRequestContent()
        for name, address in addresses.items():
            content.add_request(name, BatchRequestItem(reading(address), id=name))
        answer = await BatchRequestBuilder(self.adapter).post(content)
        statuses = answer.get_response_status_codes()
        assert statuses == {"profile": 200, "message": 200, "nothing": 404, "nobody": 404}, statuses

    async def download(self) -> None:
        children = (await self.read("/me/drive/root/children"))["value"]
        file = next(item for item in children if "file" in item)
        content = await self.get(f"/me/drive/items/{file['id']}/content")
        assert len(content) == file["size"], f"{len(content)} bytes of {file['size']}"

    async def throttled(self) -> None:
        self.cloud.control("DELETE", "/requests")
        fault = {"service": "graph", "path_prefix": "/me", "status": 429, "times": 1}
        self.cloud.control("POST", "/faults", fault | {"headers": {"Retry-After": "1"}})
        before = time.monotonic()
        await self.profile()
        assert time.monotonic() - before >= 1.0
        seen = [seen for seen in self.cloud.control("GET", "/requests") if seen["path"] == "/v1.0/me"]
        assert len(seen) == 2 and seen[1]["headers"]["retry-attempt"] == "1", seen

    async def challenged(self) -> None:
        self.cloud.control("POST", f"/users/{self.cloud.user}/revocations", {"cause": "sessions_revoked"})
        await self.profile()
        assert len(self.credential.challenges) == 1 and "nbf" in self.credential.challenges[0]


async def main() -> int:
    report, graph = Report(), Graph(Cloud(sys.argv[1]))
    await report.check("the token is sent along, and the profile read", graph.profile)
    await report.check("pages are followed to the end, and nothing comes twice", graph.pages)
    await report.check("a batch is answered item by item, what is there and what is not", graph.batch)
    await report.check("a file is downloaded from the other host, without the bearer", graph.download)
    await report.check("a throttled request is repeated after the time that it was told", graph.throttled)
    await report.check("a challenge of Graph is answered by itself, and the call repeated", graph.challenged)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
