//! What tests of tools ask in common.

use m365_connector::{ContentPolicy, Settings, TenantSource};
use serde_json::{Value, json};

use crate::world::{Person, World, send};

impl World {
    /// What Graph itself answers `person`, asked with a token of the connector's own.
    pub(crate) async fn graph(&self, person: &Person, path_and_query: &str) -> Value {
        let url = format!("{}/v1.0{path_and_query}", self.stage.simulator_url());
        let request = self.http.get(url).bearer_auth(self.lease(person).await);
        send(request.header("prefer", "IdType=\"ImmutableId\"")).await.json()
    }

    /// Paths that Graph was asked for.
    pub(crate) async fn graph_paths(&self) -> Vec<String> {
        let requests = self.requests().await;
        let graph = requests.iter().filter(|request| request["service"] == "graph");
        graph.map(|request| request["path"].as_str().unwrap().to_owned()).collect()
    }

    /// A token of somebody whose app holds `scopes` and no more.
    pub(crate) async fn token_with_scopes(&self, person: &Person, scopes: &str) -> String {
        let lease = self.lease(person).await;
        self.token_exchanged_for(person, &lease, scopes).await
    }

    /// The same where Graph, too, opens nothing else: by the permissions that Microsoft lists for each address.
    pub(crate) async fn token_held_to(&self, person: &Person, scopes: &str) -> String {
        self.token_told(person, scopes, scopes).await
    }

    /// A token of somebody whose app Graph holds to the scopes `held`, while Entra says that it has those `told`.
    pub(crate) async fn token_told(&self, person: &Person, held: &str, told: &str) -> String {
        let lease = self.token_with(person, json!({ "kind": "graph", "scopes": held })).await;
        self.token_exchanged_for(person, &lease, told).await
    }

    async fn token_exchanged_for(&self, person: &Person, lease: &str, scopes: &str) -> String {
        let body =
            json!({ "token_type": "Bearer", "access_token": lease, "expires_in": 3_600, "scope": scopes });
        self.fault(json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "body": body })).await;
        self.token(person).await
    }

    /// What a tool answers, where it is no error.
    pub(crate) async fn answer(&self, token: &str, tool: &str, arguments: Value) -> Value {
        let answer = self.call(token, tool, arguments).await;
        assert_ne!(answer["isError"], true, "{answer}");
        answer["structuredContent"].clone()
    }

    /// The code of the error that a tool answers.
    pub(crate) async fn error_code(&self, token: &str, tool: &str, arguments: Value) -> String {
        let answer = self.call(token, tool, arguments).await;
        let code = &answer["_meta"]["m365-connector/error"]["code"];
        code.as_str().unwrap_or_else(|| panic!("no error: {answer}")).to_owned()
    }

    /// The items of all pages of a list, and how many pages those were.
    pub(crate) async fn all_items(
        &self,
        token: &str,
        tool: &str,
        mut arguments: Value,
    ) -> (Vec<Value>, usize) {
        let mut seen = Vec::new();
        for pages in 1..500 {
            let page = self.answer(token, tool, arguments.clone()).await;
            seen.extend(
                page["items"].as_array().unwrap_or_else(|| panic!("no list: {page}")).iter().cloned(),
            );
            let Some(cursor) = page["nextCursor"].as_str() else {
                assert_eq!(page["completeness"]["state"], "complete", "{page}");
                return (seen, pages);
            };
            assert_eq!(page["completeness"]["state"], "partial", "{page}");
            arguments["cursor"] = json!(cursor);
        }
        panic!("the pages never end");
    }
}

/// The texts of a member of each item.
pub(crate) fn members<'a>(items: &'a [Value], name: &str) -> Vec<&'a str> {
    items.iter().map(|item| item[name].as_str().unwrap_or_else(|| panic!("no {name}: {item}"))).collect()
}

/// The lines of a fault of Graph's that lasts.
pub(crate) fn refusing(status: u16, code: &str) -> Value {
    let body = json!({ "error": { "code": code, "message": "No.", "innerError": {} } });
    json!({ "service": "graph", "status": status, "body": body, "headers": { "retry-after": "600" } })
}

/// Settings in which every tenant has this policy of content.
pub(crate) fn showing(content: ContentPolicy) -> impl FnOnce(&mut Settings) {
    move |settings| {
        let TenantSource::Fixed(policies) = &mut settings.tenants else {
            panic!("the stage has fixed policies")
        };
        for policy in policies {
            policy.content = content.clone();
        }
    }
}
