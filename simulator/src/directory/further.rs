//! Tenants beyond the cast, as many as are wanted, each generated when somebody first asks for it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use uuid::Uuid;

use super::consent::Consent;
use super::names::{self, ORGANISATIONS, Person};
use super::random::SplitMix64;
use super::tenants::{SharedMailbox, Tenant, User};

/// So many further tenants of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantGroup {
    pub tenants: u32,
    /// Users of each, at least 1.
    pub users: u32,
}

/// The further tenants. Only their ids are made at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Further {
    plots: Vec<Plot>,
    by_id: HashMap<Uuid, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Plot {
    id: Uuid,
    users: u32,
    seed: u64,
    tenant: OnceLock<Box<Tenant>>,
}

impl Further {
    pub(super) fn plan(seed: u64, groups: &[TenantGroup]) -> Self {
        let mut random = SplitMix64::derived(seed, b"further tenants");
        let sizes = groups.iter().flat_map(|group| (0..group.tenants).map(|_| group.users.max(1)));
        let plots: Vec<Plot> = sizes
            .map(|users| Plot { id: random.uuid(), users, seed: random.next_u64(), tenant: OnceLock::new() })
            .collect();
        let by_id = plots.iter().enumerate().map(|(place, plot)| (plot.id, place)).collect();
        Self { plots, by_id }
    }

    pub(super) fn len(&self) -> usize {
        self.plots.len()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.plots.iter().map(|plot| plot.id)
    }

    pub(super) fn by_id(&self, id: Uuid) -> Option<&Tenant> {
        self.at(*self.by_id.get(&id)?)
    }

    pub(super) fn by_domain(&self, domain: &str) -> Option<&Tenant> {
        self.at(place_of(domain)?)
    }

    pub(super) fn place(&self, id: Uuid) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    fn at(&self, place: usize) -> Option<&Tenant> {
        let plot = self.plots.get(place)?;
        Some(plot.tenant.get_or_init(|| Box::new(generate(place, plot))))
    }

    /// A tenant to look at: made for that and dropped again where nobody has asked for it yet.
    pub(super) fn glance(&self, place: usize) -> Option<Cow<'_, Tenant>> {
        let plot = self.plots.get(place)?;
        Some(match plot.tenant.get() {
            Some(tenant) => Cow::Borrowed(tenant),
            None => Cow::Owned(generate(place, plot)),
        })
    }
}

/// `t00001.example` is the first one's.
fn domain_of(place: usize) -> String {
    format!("t{:05}.example", place + 1)
}

fn place_of(domain: &str) -> Option<usize> {
    let digits = domain.get(1..)?.strip_suffix(".example")?;
    let place = digits.parse::<usize>().ok()?.checked_sub(1)?;
    domain_of(place).eq_ignore_ascii_case(domain).then_some(place)
}

const FIRST_WORDS: &[&str] = &[
    "Alder", "Brook", "Cedar", "Dune", "Ember", "Fjord", "Granite", "Harbour", "Islet", "Juniper", "Kestrel",
];
const LAST_WORDS: &[&str] = &[
    "Foods",
    "Freight",
    "Instruments",
    "Partners",
    "Printworks",
    "Shipping",
    "Software",
    "Textiles",
    "Tools",
];

fn generate(place: usize, plot: &Plot) -> Tenant {
    let mut random = SplitMix64::derived(plot.seed, b"tenant");
    let domain = domain_of(place);
    let name = format!("{} {} {}", random.pick(FIRST_WORDS), random.pick(LAST_WORDS), place + 1);
    let users: Vec<User> = (1..=plot.users).map(|seat| member(seat, &domain, &mut random)).collect();
    let members = users.iter().take(users.len().saturating_sub(1)).map(|user| user.id).collect();
    let shared_mailbox = SharedMailbox {
        id: random.uuid(),
        name: format!("{name} Desk"),
        upn: format!("desk@{domain}"),
        members,
    };
    Tenant { id: plot.id, name, domain, users, shared_mailbox }
}

/// A given name of one of the cast and a surname of another; the number keeps addresses apart.
fn member(seat: u32, domain: &str, random: &mut SplitMix64) -> User {
    let (given, surname) = (somebody(random), somebody(random));
    let alias = |person: &'static Person, part: usize| person.alias.split('.').nth(part).unwrap_or("x");
    let (department, job_title) = names::POSITIONS[random.index(names::POSITIONS.len())];
    let mut upn = format!("{}.{}{seat}@{domain}", alias(given, 0), alias(surname, 1));
    // There may be a hundred thousand of them.
    upn.shrink_to_fit();
    User {
        id: random.uuid(),
        name: format!("{} {}", given.given, surname.surname),
        given_name: given.given.to_owned(),
        surname: surname.surname.to_owned(),
        upn,
        job_title: job_title.to_owned(),
        office: random.pick(names::OFFICES).to_owned(),
        department: department.to_owned(),
        business_phone: format!("+1 555 01{:02}", random.below(100)),
        mobile_phone: None,
        preferred_language: given.language.to_owned(),
        consent: Consent::Full,
        guest: None,
    }
}

fn somebody(random: &mut SplitMix64) -> &'static Person {
    let people = ORGANISATIONS[random.index(ORGANISATIONS.len())].people;
    &people[random.index(people.len())]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn further() -> Further {
        Further::plan(1, &[TenantGroup { tenants: 4_000, users: 100 }, TenantGroup { tenants: 1, users: 3 }])
    }

    /// Fails when one look at a large world generates all of it.
    #[test]
    fn only_the_tenant_that_is_asked_for_is_made() {
        let further = further();
        let asked = further.by_domain("T04001.example").unwrap();
        assert_eq!((asked.users.len(), further.len()), (3, 4_001));
        assert_eq!(further.by_id(asked.id).unwrap(), asked);
        assert!(further.glance(7).is_some());
        assert_eq!(further.plots.iter().filter(|plot| plot.tenant.get().is_some()).count(), 1);
        assert_eq!(further.by_domain("t04002.example"), None);
        assert_eq!(further.by_domain("t1.example"), None);
        assert_eq!(further.by_domain("t00000.example"), None);
    }

    /// Fails when the same tenant is another one when it is looked at first, or later, or in another process.
    #[test]
    fn a_tenant_is_the_same_whenever_it_is_made() {
        let (one, other) = (further(), further());
        let glanced = one.glance(41).unwrap().into_owned();
        other.by_domain("t00001.example");
        assert_eq!(other.by_domain("t00042.example"), Some(&glanced));
        assert_eq!(one.by_id(glanced.id), Some(&glanced));
        assert_ne!(one.glance(42).unwrap().users[0].id, glanced.users[0].id);
    }

    /// Fails when two people of a tenant have one address or one id.
    #[test]
    fn people_of_a_tenant_are_told_apart() {
        let further = further();
        let tenant = further.by_domain("t00003.example").unwrap();
        assert_eq!(tenant.users.iter().map(|user| &user.upn).collect::<BTreeSet<_>>().len(), 100);
        assert_eq!(tenant.users.iter().map(|user| user.id).collect::<BTreeSet<_>>().len(), 100);
        assert!(tenant.users.iter().all(|user| user.upn.is_ascii() && user.upn.ends_with("@t00003.example")));
    }
}
