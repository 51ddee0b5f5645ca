//! Graph as the test asks it, without the connector.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::diaries::{Diary, Span};
use crate::world::{Person, World, send};

/// Remembers what it was told: nothing changes meanwhile.
pub(in crate::matrix) struct Graph<'w> {
    world: &'w World,
    person: Person,
    lease: String,
    told: RefCell<BTreeMap<String, Rc<Vec<Value>>>>,
}

impl<'w> Graph<'w> {
    pub(in crate::matrix) async fn of(world: &'w World, person: &Person) -> Self {
        let lease = world.lease(person).await;
        Self { world, person: person.clone(), lease, told: RefCell::default() }
    }

    /// Whose Microsoft 365 it is.
    pub(in crate::matrix) fn person(&self) -> &Person {
        &self.person
    }

    /// Who has this address in the same tenant.
    pub(in crate::matrix) fn colleague(&self, address: &str) -> Option<Person> {
        let tenants = &self.world.stage.simulator.directory().tenants;
        let tenant = tenants.iter().position(|tenant| tenant.id.to_string() == self.person.tenant)?;
        let user = tenants[tenant].users.iter().position(|user| user.upn == address)?;
        Some(self.world.person(tenant, user))
    }

    /// What stands in somebody's calendar, by that one's own word.
    pub(in crate::matrix) async fn diary(&self, person: &Person, window: Span) -> Diary {
        self.world.diary(person, window).await
    }

    async fn ask(&self, method: &str, address: &str, body: Option<Value>) -> Value {
        let request = self.world.http.request(method.parse().unwrap(), address).bearer_auth(&self.lease);
        let request =
            request.header("prefer", "IdType=\"ImmutableId\"").header("consistencylevel", "eventual");
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        let answer = send(request).await.json();
        assert!(answer.get("error").is_none(), "{address}: {answer}");
        answer
    }

    /// One thing.
    pub(in crate::matrix) async fn one(&self, path: &str) -> Value {
        self.ask("GET", &format!("{}/v1.0{path}", self.world.stage.simulator_url()), None).await
    }

    /// A list with all of its pages.
    pub(in crate::matrix) async fn all(&self, path: &str) -> Rc<Vec<Value>> {
        if let Some(told) = self.told.borrow().get(path) {
            return told.clone();
        }
        let mut all = Vec::new();
        let mut next = Some(format!("{}/v1.0{path}", self.world.stage.simulator_url()));
        while let Some(address) = next {
            let page = self.ask("GET", &address, None).await;
            all.extend(
                page["value"].as_array().unwrap_or_else(|| panic!("{address}: {page}")).iter().cloned(),
            );
            next = page["@odata.nextLink"].as_str().map(str::to_owned);
        }
        self.remember(path, all)
    }

    /// Everything that a search finds.
    pub(in crate::matrix) async fn hits(&self, entities: &[&str], query: &str) -> Rc<Vec<Value>> {
        const PAGE: usize = 500;
        let name = format!("{entities:?} {query}");
        if let Some(told) = self.told.borrow().get(&name) {
            return told.clone();
        }
        let address = format!("{}/v1.0/search/query", self.world.stage.simulator_url());
        let mut all: Vec<Value> = Vec::new();
        loop {
            let fields = ["title", "author", "contentclass", "isDocument", "fileType", "path"];
            let request = json!({
                "entityTypes": entities, "query": { "queryString": query }, "from": all.len(), "size": PAGE,
                "fields": if entities == ["chatMessage"] { json!([]) } else { json!(fields) },
            });
            let answer = self.ask("POST", &address, Some(json!({ "requests": [request] }))).await;
            let container = &answer["value"][0]["hitsContainers"][0];
            all.extend(container["hits"].as_array().into_iter().flatten().map(|hit| hit["resource"].clone()));
            if container["moreResultsAvailable"] != true {
                return self.remember(&name, all);
            }
        }
    }

    fn remember(&self, name: &str, all: Vec<Value>) -> Rc<Vec<Value>> {
        let all = Rc::new(all);
        self.told.borrow_mut().insert(name.to_owned(), all.clone());
        all
    }
}
