//! A small world to ask questions of, and the questions.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use m365_simulator::directory::{Directory, EVERY_SCOPE, Tenant, User};
use m365_simulator::graph::{Caller, Graph, GraphMethod, GraphRequest, GraphResponse, Payload};
use serde_json::Value;

pub(crate) const BASE_URL: &str = "http://127.0.0.1:8081/v1.0";
pub(crate) const SEED: u64 = 365;

/// One world for all tests: mailboxes are generated once.
pub(crate) static WORLD: LazyLock<World> = LazyLock::new(|| World::generate(SEED));

pub(crate) struct World {
    pub(crate) directory: Arc<Directory>,
    pub(crate) graph: Graph,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Value,
}

impl World {
    pub(crate) fn generate(seed: u64) -> Self {
        Self::of(Directory::generate(seed), seed)
    }

    pub(crate) fn of(directory: Directory, seed: u64) -> Self {
        let directory = Arc::new(directory);
        let newest: Timestamp = "2026-11-23T18:00:00Z".parse().expect("a time");
        Self { graph: Graph::new(Arc::clone(&directory), seed, newest), directory }
    }

    pub(crate) fn tenant(&self, place: usize) -> &Tenant {
        &self.directory.tenants[place]
    }

    pub(crate) fn user(&self, tenant: usize, place: usize) -> &User {
        &self.directory.tenants[tenant].users[place]
    }

    /// A caller with every scope.
    pub(crate) fn caller(&self, tenant: usize, place: usize) -> Caller {
        self.caller_with(tenant, place, EVERY_SCOPE)
    }

    pub(crate) fn caller_with(&self, tenant: usize, place: usize, scopes: &[&str]) -> Caller {
        Caller {
            app: uuid::Uuid::from_u128(7),
            tenant: self.tenant(tenant).id,
            user: self.user(tenant, place).id,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        }
    }

    /// Asks the first user's Graph. `target` is a path with its query.
    pub(crate) fn get(&self, target: &str) -> Answer {
        self.get_as(&self.caller(0, 0), target)
    }

    pub(crate) fn get_as(&self, caller: &Caller, target: &str) -> Answer {
        self.get_preferring(caller, target, &[])
    }

    pub(crate) fn get_preferring(&self, caller: &Caller, target: &str, prefer: &[&str]) -> Answer {
        let response = self.raw(caller, target, prefer);
        let body = serde_json::from_slice(&response.body).expect("JSON");
        Answer { status: response.status, headers: response.headers, body }
    }

    pub(crate) fn raw(&self, caller: &Caller, target: &str, prefer: &[&str]) -> GraphResponse {
        self.send(caller, GraphMethod::Get, target, prefer)
    }

    /// Posts JSON, read back as JSON.
    pub(crate) fn post_as(&self, caller: &Caller, target: &str, prefer: &[&str], body: &str) -> Answer {
        let payload = Payload { content_type: Some("application/json"), bytes: body.as_bytes() };
        let response = self.send(caller, GraphMethod::Post(payload), target, prefer);
        let body = serde_json::from_slice(&response.body).expect("JSON");
        Answer { status: response.status, headers: response.headers, body }
    }

    pub(crate) fn send<'a>(
        &self,
        caller: &Caller,
        method: GraphMethod<'a>,
        target: &'a str,
        prefer: &[&'a str],
    ) -> GraphResponse {
        self.ask(caller, target, |request| {
            request.method = method;
            request.prefer = prefer.to_vec();
        })
    }

    /// Gets with `ConsistencyLevel: eventual`.
    pub(crate) fn get_eventually(&self, caller: &Caller, target: &str) -> Answer {
        let response = self.ask(caller, target, |request| request.consistency_level = Some("eventual"));
        let body = serde_json::from_slice(&response.body).expect("JSON");
        Answer { status: response.status, headers: response.headers, body }
    }

    /// Gets what `adjust` makes of a plain request.
    pub(crate) fn ask<'a>(
        &self,
        caller: &Caller,
        target: &'a str,
        adjust: impl FnOnce(&mut GraphRequest<'a>),
    ) -> GraphResponse {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = GraphRequest {
            method: GraphMethod::Get,
            path,
            query,
            prefer: Vec::new(),
            accept: None,
            consistency_level: None,
            if_none_match: None,
            client_request_id: Some("7b2d8ff0-2c8c-4dd5-8a2e-9f0f5c1d3e11"),
            base_url: BASE_URL,
        };
        adjust(&mut request);
        self.graph.answer(caller, &request)
    }

    /// Follows next links to the end.
    pub(crate) fn every_page(&self, caller: &Caller, target: &str) -> Vec<Value> {
        let mut entries = Vec::new();
        let mut next = Some(target.to_owned());
        while let Some(target) = next {
            let answer = self.get_as(caller, &target);
            assert_eq!(answer.status, 200, "{target}: {:?}", answer.body);
            entries.extend(answer.entries().iter().cloned());
            next = answer.next_target();
        }
        entries
    }

    /// The whole mailbox of the first user, with texts for bodies.
    pub(crate) fn whole_mailbox(&self) -> Vec<Value> {
        let answer = self.get_preferring(
            &self.caller(0, 0),
            "/me/messages?$top=1000",
            &["outlook.body-content-type=\"text\""],
        );
        answer.entries().to_vec()
    }
}

impl Answer {
    pub(crate) fn entries(&self) -> &[Value] {
        self.body["value"].as_array().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn error_code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or("none")
    }

    /// The next link without the base that it must begin with.
    pub(crate) fn next_target(&self) -> Option<String> {
        let link = self.body["@odata.nextLink"].as_str()?;
        Some(link.strip_prefix(BASE_URL).expect("a next link begins with the public address").to_owned())
    }
}

/// Percent-encodes a value for a query.
pub(crate) fn encoded(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub(crate) fn ids(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["id"].as_str().expect("an id")).collect()
}
