//! A tenant of any size, for measurements.

use uuid::Uuid;

use super::consent::Consent;
use super::random::SplitMix64;
use super::tenants::{SharedMailbox, Tenant, User};

const DOMAIN: &str = "crowd.example";

pub(super) fn generate(users: usize, random: &mut SplitMix64) -> Tenant {
    let id = random.uuid();
    Tenant {
        id,
        name: "Crowd".to_owned(),
        domain: DOMAIN.to_owned(),
        users: (1..=users).map(|number| member(number, random.uuid())).collect(),
        shared_mailbox: SharedMailbox {
            id: random.uuid(),
            name: "Crowd".to_owned(),
            upn: format!("all@{DOMAIN}"),
            members: Vec::new(),
        },
    }
}

fn member(number: usize, id: Uuid) -> User {
    User {
        id,
        name: format!("Member {number:05}"),
        given_name: "Member".to_owned(),
        surname: format!("{number:05}"),
        upn: format!("member.{number:05}@{DOMAIN}"),
        job_title: String::new(),
        office: String::new(),
        department: String::new(),
        business_phone: String::new(),
        mobile_phone: None,
        preferred_language: "en".to_owned(),
        consent: Consent::Full,
        guest: None,
    }
}
