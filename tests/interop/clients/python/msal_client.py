"""MSAL for Python against the simulated Entra ID over HTTPS.  msal_client.py CLOUD.json"""

import asyncio
import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

import msal
import requests
from report import Report

GRAPH = ["https://graph.microsoft.com/.default"]


class Cloud:
    """The simulated Microsoft 365, the person at the browser, and the connector's applications."""

    def __init__(self, file: str) -> None:
        self.told: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
        self.base: str = self.told["base"]
        self.user: str = self.told["user"]
        self.authority = f"{self.base}/{self.told['tenant']}"

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(method, f"{self.base}/_sim{path}", json=body, timeout=20)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def connector(self, credential: Any) -> msal.ConfidentialClientApplication:
        return msal.ConfidentialClientApplication(
            self.told["connectorId"],
            authority=self.authority,
            client_credential=credential,
            client_capabilities=["cp1"],
            instance_discovery=False,
        )

    def sign_in(self, claims: str | None = None) -> dict[str, Any]:
        """Code and PKCE, with the claims of a challenge if there is one."""
        app = msal.PublicClientApplication(
            self.told["clientId"], authority=self.authority, instance_discovery=False
        )
        flow = app.initiate_auth_code_flow(
            [self.told["scope"]], redirect_uri=self.told["redirectUri"], claims_challenge=claims
        )
        answer = requests.get(flow["auth_uri"], params={"user": self.user}, allow_redirects=False, timeout=20)
        location = requests.utils.urlparse(answer.headers["location"])
        callback = dict(part.split("=", 1) for part in location.query.split("&"))
        callback = {name: requests.utils.unquote(value) for name, value in callback.items()}
        return granted(app.acquire_token_by_auth_code_flow(flow, callback))

    def graph(self, token: str) -> requests.Response:
        return requests.get(f"{self.base}/v1.0/me", headers={"Authorization": f"Bearer {token}"}, timeout=20)


def granted(result: dict[str, Any]) -> dict[str, Any]:
    assert "access_token" in result, result
    return result


def challenge_of(answer: requests.Response) -> str:
    """The claims of a 401 by Graph, as JSON."""
    header = answer.headers.get("www-authenticate", "")
    match = re.search(r'error="insufficient_claims".*claims="([^"]+)"', header)
    assert answer.status_code == 401 and match, f"{answer.status_code} {header}"
    return base64.b64decode(match[1]).decode()


class Checks:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.secret = cloud.connector(cloud.told["clientSecret"])

    def on_behalf(self, app: Any, assertion: str, claims: str | None = None) -> dict[str, Any]:
        return app.acquire_token_on_behalf_of(assertion, GRAPH, claims_challenge=claims)

    async def code_and_pkce(self) -> None:
        result = self.cloud.sign_in()
        assert result["id_token_claims"]["preferred_username"] == self.cloud.user, result

    async def always_the_network(self) -> None:
        assertion = self.cloud.sign_in()["access_token"]
        for _ in range(2):
            result = granted(self.on_behalf(self.secret, assertion))
            assert result["token_source"] == "identity_provider", result["token_source"]
            assert result["expires_in"] > 70_000, result["expires_in"]

    async def certificate(self) -> None:
        told = self.cloud.told["certificate"]
        credential = {"private_key": told["privateKey"], "public_certificate": told["certificate"]}
        result = granted(self.on_behalf(self.cloud.connector(credential), self.cloud.sign_in()["access_token"]))
        assert self.cloud.graph(result["access_token"]).status_code == 200

    async def federated(self) -> None:
        def assertion() -> str:
            query = {"api-version": "2018-02-01", "resource": "api://AzureADTokenExchange"}
            endpoint = f"{self.cloud.base}/metadata/identity/oauth2/token"
            answer = requests.get(endpoint, params=query, headers={"Metadata": "true"}, timeout=20)
            return answer.json()["access_token"]

        app = self.cloud.connector({"client_assertion": assertion})
        granted(self.on_behalf(app, self.cloud.sign_in()["access_token"]))

    async def step_up(self) -> None:
        policies = f"/tenants/{self.cloud.told['tenant']}/policies"
        self.cloud.control("POST", policies, {"mfa": "step_up"})
        refused = self.on_behalf(self.secret, self.cloud.sign_in()["access_token"])
        assert (refused["error"], refused["suberror"]) == ("interaction_required", "basic_action"), refused
        again = self.cloud.sign_in(refused["claims"])["access_token"]
        granted(self.on_behalf(self.secret, again))
        self.cloud.control("DELETE", policies)

    async def throttled(self) -> None:
        assertion, app = self.cloud.sign_in()["access_token"], self.cloud.connector(self.cloud.told["clientSecret"])
        self.cloud.control("DELETE", "/requests")
        fault = {"service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": 429, "times": 1}
        self.cloud.control("POST", "/faults", fault)
        for _ in range(2):
            refused = self.on_behalf(app, assertion)
            assert refused.get("error_codes") == [90055], refused
        seen = [seen for seen in self.cloud.control("GET", "/requests") if seen["path"].endswith("/token")]
        assert len(seen) == 1, f"it was asked {len(seen)} times"

    async def revoked(self) -> None:
        before = self.cloud.sign_in()["access_token"]
        token = granted(self.on_behalf(self.secret, before))["access_token"]
        assert self.cloud.graph(token).status_code == 200
        self.cloud.control("POST", f"/users/{self.cloud.user}/revocations", {"cause": "sessions_revoked"})
        claims = challenge_of(self.cloud.graph(token))
        refused = self.on_behalf(self.secret, before, claims)
        assert refused["error"] == "interaction_required" and "nbf" in refused["claims"], refused
        after = granted(self.on_behalf(self.secret, self.cloud.sign_in()["access_token"], claims))
        assert self.cloud.graph(after["access_token"]).status_code == 200


async def main() -> int:
    report, checks = Report(), Checks(Cloud(sys.argv[1]))
    await report.check("code and PKCE bring a token and an account", checks.code_and_pkce)
    await report.check("every exchange is asked of the network, and lives for a day", checks.always_the_network)
    await report.check("the certificate authenticates", checks.certificate)
    await report.check("a managed identity's token authenticates", checks.federated)
    await report.check("a step-up is refused with claims, and satisfied by a sign-in with them", checks.step_up)
    await report.check("a throttled token endpoint is not asked again by a repeat", checks.throttled)
    await report.check("a revoked session is challenged until the person signs in again", checks.revoked)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
