//! Tenants and the people in them.

use uuid::Uuid;

use super::consent::Consent;
use super::names::{self, Person};
use super::random::SplitMix64;

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    pub id: Uuid,
    pub name: String,
    /// The verified domain; the part after `@` of every user principal name.
    pub domain: String,
    /// Members first, then guests.
    pub users: Vec<User>,
    pub shared_mailbox: SharedMailbox,
}

/// A person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Object id. Unique within its tenant only: the second users of the tenants share theirs on
    /// purpose, so that whoever keys anything by `oid` alone is caught.
    pub id: Uuid,
    pub name: String,
    pub given_name: String,
    pub surname: String,
    /// User principal name. It is the mail address of a member too; that of a guest holds `#EXT#`.
    pub upn: String,
    pub job_title: String,
    pub office: String,
    pub department: String,
    pub business_phone: String,
    pub mobile_phone: Option<String>,
    /// BCP 47 tag.
    pub preferred_language: String,
    pub consent: Consent,
    /// Set for a guest: somebody of another tenant who was invited into this one.
    pub guest: Option<Guest>,
}

/// Where a guest comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// Id of the tenant that the guest signs in at.
    pub home_tenant: Uuid,
    /// The mail address there.
    pub mail: String,
}

impl User {
    /// The mail address; for a guest that of home.
    pub fn mail(&self) -> &str {
        self.guest.as_ref().map_or(&self.upn, |guest| &guest.mail)
    }
}

/// A mailbox without a person of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedMailbox {
    pub id: Uuid,
    pub name: String,
    pub upn: String,
    /// Object ids of the users of the same tenant who may read it: all but the last.
    pub members: Vec<Uuid>,
}

/// Users at this place of the tenants have one object id between them.
const TWIN: usize = 1;
/// The user at this place (of the second tenant) has consented to a little.
const PARTIAL: (usize, usize) = (1, 4);
/// The user at this place (of the third tenant) has consented to nothing.
const UNCONSENTED: (usize, usize) = (2, 6);

pub(super) fn generate(random: &mut SplitMix64) -> Vec<Tenant> {
    let twin = random.uuid();
    names::ORGANISATIONS.iter().enumerate().map(|(place, _)| tenant(place, twin, random)).collect()
}

fn tenant(place: usize, twin: Uuid, random: &mut SplitMix64) -> Tenant {
    let organisation = &names::ORGANISATIONS[place];
    let id = random.uuid();
    let users: Vec<User> = organisation
        .people
        .iter()
        .enumerate()
        .map(|(seat, person)| {
            let own = random.uuid();
            let id = if seat == TWIN { twin } else { own };
            user(id, person, organisation.domain, consent(place, seat), random)
        })
        .collect();
    let members = users.iter().take(users.len().saturating_sub(1)).map(|user| user.id).collect();
    let shared_mailbox = SharedMailbox {
        id: random.uuid(),
        name: organisation.shared_mailbox.1.to_owned(),
        upn: format!("{}@{}", organisation.shared_mailbox.0, organisation.domain),
        members,
    };
    Tenant {
        id,
        name: organisation.name.to_owned(),
        domain: organisation.domain.to_owned(),
        users,
        shared_mailbox,
    }
}

fn consent(place: usize, seat: usize) -> Consent {
    match (place, seat) {
        PARTIAL => Consent::Partial(vec!["User.Read", "Mail.ReadBasic"]),
        UNCONSENTED => Consent::None,
        _ => Consent::Full,
    }
}

fn user(id: Uuid, person: &Person, domain: &str, consent: Consent, random: &mut SplitMix64) -> User {
    let (department, job_title) = names::POSITIONS[random.index(names::POSITIONS.len())];
    let business_phone = phone(random);
    let mobile_phone = random.chance(70).then(|| phone(random));
    User {
        id,
        name: person.display.to_owned(),
        given_name: person.given.to_owned(),
        surname: person.surname.to_owned(),
        upn: format!("{}@{domain}", person.alias),
        job_title: job_title.to_owned(),
        office: random.pick(names::OFFICES).to_owned(),
        department: department.to_owned(),
        business_phone,
        mobile_phone,
        preferred_language: person.language.to_owned(),
        consent,
        guest: None,
    }
}

/// A number of the ranges kept free for fiction.
fn phone(random: &mut SplitMix64) -> String {
    format!("+1 555 01{:02}", random.below(100))
}
