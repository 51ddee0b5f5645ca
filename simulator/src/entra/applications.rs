//! Every application that Entra knows: the directory's clients, and those that strangers have registered since the start.
//! The connector is none of them: its registration is the directory's own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use uuid::Uuid;

use super::certificate::Certificate;
use super::federated_credential::FederatedCredential;
use crate::directory::random::SplitMix64;
use crate::directory::{Client, Directory};

/// An application that signs people in, or acts for itself.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) client: Client,
    pub(crate) credentials: Credentials,
    pub(crate) reach: Reach,
    /// Delegated permissions of Graph, by their short names: what `.default` means, and what an exchange gives.
    pub(crate) permissions: Vec<String>,
    /// Permissions of Graph that it has without a user.
    pub(crate) app_permissions: Vec<String>,
    pub(crate) api: Option<ExposedApi>,
}

/// What an application proves itself with. One that has none of them is a public client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials {
    pub(crate) secret: Option<String>,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) federated: Option<FederatedCredential>,
}

impl Credentials {
    pub(crate) fn is_public(&self) -> bool {
        self.secret.is_none() && self.certificate.is_none() && self.federated.is_none()
    }
}

/// Which APIs an application may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The connector's alone.
    Connector,
    /// The connector's, Graph, and whatever other applications expose.
    Every,
}

/// An API of an application: others get tokens for it, which it exchanges for Graph's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExposedApi {
    /// Its Application ID URI. `api://` with the application's id, and the id alone, name it too.
    pub(crate) identifier: String,
    /// Short names.
    pub(crate) scopes: Vec<String>,
}

impl Application {
    pub(crate) fn id(&self) -> Uuid {
        self.client.id
    }

    /// The API that it exposes, if `identifier` names that.
    pub(crate) fn api_named(&self, identifier: &str) -> Option<&ExposedApi> {
        let id = self.id().to_string();
        let names = |api: &&ExposedApi| {
            api.identifier == identifier || identifier.strip_prefix("api://").unwrap_or(identifier) == id
        };
        self.api.as_ref().filter(names)
    }
}

/// Why an application is not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Id,
    /// The Application ID URI.
    Identifier,
}

/// The registrations. Ids follow from the seed, in the order of registration.
#[derive(Debug)]
pub(crate) struct Applications {
    known: RwLock<HashMap<Uuid, Arc<Application>>>,
    /// Those that were registered since the start, oldest first.
    registered: RwLock<Vec<Uuid>>,
    ids: Mutex<SplitMix64>,
}

impl Applications {
    pub(crate) fn of(directory: &Directory, seed: u64) -> Self {
        let public = |client: &Client| Application {
            client: client.clone(),
            credentials: Credentials::default(),
            reach: Reach::Connector,
            permissions: Vec::new(),
            app_permissions: Vec::new(),
            api: None,
        };
        let known = directory.clients.iter().map(|client| (client.id, Arc::new(public(client)))).collect();
        Self {
            known: RwLock::new(known),
            registered: RwLock::default(),
            ids: Mutex::new(SplitMix64::derived(seed, b"applications")),
        }
    }

    pub(crate) fn next_id(&self) -> Uuid {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).uuid()
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<Arc<Application>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The application that exposes an API of that name.
    pub(crate) fn exposing(&self, identifier: &str) -> Option<Arc<Application>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.values().find(|application| application.api_named(identifier).is_some()).cloned()
    }

    /// Whether some application satisfies `is_meant`.
    pub(crate) fn any(&self, is_meant: impl Fn(&Application) -> bool) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.values().any(|application| is_meant(application))
    }

    /// Those that were registered since the start, oldest first.
    pub(crate) fn registered(&self) -> Vec<Arc<Application>> {
        let registered = self.registered.read().unwrap_or_else(PoisonError::into_inner);
        registered.iter().filter_map(|id| self.find(*id)).collect()
    }

    pub(crate) fn register(&self, application: Application) -> Result<Arc<Application>, Taken> {
        let identifier = application.api.as_ref().map(|api| api.identifier.clone());
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.contains_key(&application.id()) {
            return Err(Taken::Id);
        }
        let is_taken =
            |identifier: &String| known.values().any(|other| other.api_named(identifier).is_some());
        if identifier.as_ref().is_some_and(is_taken) {
            return Err(Taken::Identifier);
        }
        let application = Arc::new(application);
        known.insert(application.id(), Arc::clone(&application));
        drop(known);
        self.registered.write().unwrap_or_else(PoisonError::into_inner).push(application.id());
        Ok(application)
    }

    /// Removes one that was registered since the start; `false` where there is none of that id.
    pub(crate) fn remove(&self, id: Uuid) -> bool {
        let mut registered = self.registered.write().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = registered.iter().position(|known| *known == id) else { return false };
        registered.remove(place);
        self.known.write().unwrap_or_else(PoisonError::into_inner).remove(&id).is_some()
    }
}
