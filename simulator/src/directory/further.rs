//! Tenants beyond the cast, as many as are wanted, each generated when somebody asks for it. Those that were asked for
//! lately are kept; the others are generated again when they are needed, and are the same.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::consent::Consent;
use super::names::{self, ORGANISATIONS, Person};
use super::random::SplitMix64;
use super::tenants::{SharedMailbox, Tenant, User};
use crate::cache::Cache;

/// So many further tenants of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantGroup {
    pub tenants: u32,
    /// Users of each, at least 1.
    pub users: u32,
}

/// The further tenants. Only their ids are made at once.
#[derive(Debug)]
pub(super) struct Further {
    plots: Vec<Plot>,
    by_id: HashMap<Uuid, usize>,
    /// By place; their weight is their users.
    tenants: Cache<usize, Arc<Tenant>>,
}

/// Whoever of them is in memory.
impl PartialEq for Further {
    fn eq(&self, other: &Self) -> bool {
        self.plots == other.plots
    }
}

impl Eq for Further {}

/// What a tenant is made of.
#[derive(Debug, PartialEq, Eq)]
struct Plot {
    id: Uuid,
    users: u32,
    seed: u64,
}

impl Further {
    /// Keeps tenants of about `kept_users` together, and of one tenant more where it has more alone.
    pub(super) fn plan(seed: u64, groups: &[TenantGroup], kept_users: usize) -> Self {
        let mut random = SplitMix64::derived(seed, b"further tenants");
        let sizes = groups.iter().flat_map(|group| (0..group.tenants).map(|_| group.users.max(1)));
        let plots: Vec<Plot> =
            sizes.map(|users| Plot { id: random.uuid(), users, seed: random.next_u64() }).collect();
        let by_id = plots.iter().enumerate().map(|(place, plot)| (plot.id, place)).collect();
        // The cache has two generations.
        Self { plots, by_id, tenants: Cache::of_any_weight(kept_users / 2) }
    }

    pub(super) fn len(&self) -> usize {
        self.plots.len()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.plots.iter().map(|plot| plot.id)
    }

    /// How many are in memory.
    pub(super) fn kept(&self) -> usize {
        self.tenants.len()
    }

    /// The tenant, generated where it is not at hand. Two threads that come at once generate the same.
    pub(super) fn by_id(&self, id: Uuid) -> Option<Arc<Tenant>> {
        let place = self.place(id)?;
        if let Some(tenant) = self.tenants.get(&place) {
            return Some(tenant);
        }
        let tenant = self.made(place)?;
        self.tenants.insert(place, Arc::clone(&tenant), tenant.users.len());
        Some(tenant)
    }

    pub(super) fn id_of(&self, domain: &str) -> Option<Uuid> {
        self.plots.get(place_of(domain)?).map(|plot| plot.id)
    }

    pub(super) fn user_count(&self, id: Uuid) -> Option<usize> {
        self.plots.get(self.place(id)?).map(|plot| plot.users as usize)
    }

    pub(super) fn place(&self, id: Uuid) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// A tenant to look at: where it is not at hand it is made for that and dropped again.
    pub(super) fn glance(&self, place: usize) -> Option<Arc<Tenant>> {
        self.tenants.get(&place).or_else(|| self.made(place))
    }

    fn made(&self, place: usize) -> Option<Arc<Tenant>> {
        Some(Arc::new(generate(place, self.plots.get(place)?)))
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

    const HUNDREDS: TenantGroup = TenantGroup { tenants: 4_000, users: 100 };

    fn further() -> Further {
        Further::plan(1, &[HUNDREDS, TenantGroup { tenants: 1, users: 3 }], 1_000)
    }

    fn by_domain(further: &Further, domain: &str) -> Option<Arc<Tenant>> {
        further.by_id(further.id_of(domain)?)
    }

    /// Fails when one look at a large world generates all of it, or when what is known without a look generates anybody.
    #[test]
    fn only_the_tenant_that_is_asked_for_is_made() {
        let further = further();
        let id = further.id_of("T04001.example").unwrap();
        assert_eq!((further.user_count(id), further.len(), further.kept()), (Some(3), 4_001, 0));
        assert!(further.glance(7).is_some());
        assert_eq!(further.kept(), 0);
        let asked = further.by_id(id).unwrap();
        assert_eq!((asked.users.len(), further.kept()), (3, 1));
        assert!(Arc::ptr_eq(&asked, &further.by_id(id).unwrap()));
        assert_eq!(further.id_of("t04002.example"), None);
        assert_eq!(further.id_of("t1.example"), None);
        assert_eq!(further.id_of("t00000.example"), None);
    }

    /// Fails when the same tenant is another one when it is looked at first, or later, or in another process.
    #[test]
    fn a_tenant_is_the_same_whenever_it_is_made() {
        let (one, other) = (further(), further());
        let glanced = one.glance(41).unwrap();
        by_domain(&other, "t00001.example");
        assert_eq!(by_domain(&other, "t00042.example"), Some(Arc::clone(&glanced)));
        assert_eq!(one.by_id(glanced.id), Some(Arc::clone(&glanced)));
        assert_ne!(one.glance(42).unwrap().users[0].id, glanced.users[0].id);
    }

    /// Fails when memory grows with the tenants that were asked for, or when a tenant comes back as another one.
    #[test]
    fn eight_tenants_are_kept_of_sixty_four_and_come_back_the_same() {
        let further = Further::plan(1, &[HUNDREDS], 800);
        let touched = || further.ids().take(64).map(|id| further.by_id(id).unwrap());
        let first: Vec<_> = touched().collect();
        assert_eq!(further.kept(), 8);
        for (before, after) in first.iter().zip(touched()) {
            assert_eq!(**before, *after);
            assert!(!Arc::ptr_eq(before, &after), "{} was never forgotten", after.domain);
            assert!(further.kept() <= 8, "kept {}", further.kept());
        }
    }

    /// Fails when a tenant larger than all that is kept is made anew for each of its requests.
    #[test]
    fn the_tenant_asked_for_last_is_kept_however_large() {
        let further = Further::plan(1, &[TenantGroup { tenants: 3, users: 500 }], 100);
        let ids: Vec<_> = further.ids().collect();
        for id in ids {
            let tenant = further.by_id(id).unwrap();
            assert!(Arc::ptr_eq(&tenant, &further.by_id(id).unwrap()));
        }
        assert_eq!(further.kept(), 2);
    }

    /// Fails when two people of a tenant have one address or one id.
    #[test]
    fn people_of_a_tenant_are_told_apart() {
        let tenant = by_domain(&further(), "t00003.example").unwrap();
        assert_eq!(tenant.users.iter().map(|user| &user.upn).collect::<BTreeSet<_>>().len(), 100);
        assert_eq!(tenant.users.iter().map(|user| user.id).collect::<BTreeSet<_>>().len(), 100);
        assert!(tenant.users.iter().all(|user| user.upn.is_ascii() && user.upn.ends_with("@t00003.example")));
    }
}
