"""Microsoft Graph core for Python against the simulated Graph over HTTPS.  graph_client.py CLOUD.json"""

import asyncio
import json
import sys
import time
from typing import Any

import httpx
from azure.core.credentials import AccessToken
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from msal_client import GRAPH, Cloud, granted
from msgraph_core import AzureIdentityAuthenticationProvider, BaseGraphRequestAdapter, GraphClientFactory
from report import Report


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
        self.base = f"{cloud.base}/v1.0"

    async def get(self, address: str) -> bytes:
        """Of a path below the version, or of a next link as it is."""
        request = RequestInformation()
        request.http_method = Method.GET
        request.url = address if address.startswith("https://") else self.base + address
        content = await self.adapter.send_primitive_async(request, "bytes", {})
        assert isinstance(content, bytes), content
        return content

    async def read(self, address: str) -> dict[str, Any]:
        return json.loads(await self.get(address))

    async def profile(self) -> None:
        assert (await self.read("/me"))["userPrincipalName"] == self.cloud.user

    async def pages(self) -> None:
        address, seen, count = "/me/messages?$select=id&$count=true&$top=50", [], 0
        while address:
            page = await self.read(address)
            count = page.get("@odata.count", count)
            seen += [message["id"] for message in page["value"]]
            address = page.get("@odata.nextLink", "")
        assert len(seen) == len(set(seen)) == count > 50, f"{len(seen)} of {count}"

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
    await report.check("a file is downloaded from the other host, without the bearer", graph.download)
    await report.check("a throttled request is repeated after the time that it was told", graph.throttled)
    await report.check("a challenge of Graph is answered by itself, and the call repeated", graph.challenged)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
