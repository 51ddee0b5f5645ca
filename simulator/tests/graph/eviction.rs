//! Generated, forgotten and generated again.

use m365_simulator::directory::{Directory, EVERY_SCOPE, TenantGroup};
use m365_simulator::graph::Caller;

use crate::world::{SEED, World};

/// Users of the eight tenants that are kept.
const KEPT_USERS: usize = 24;
const TARGETS: [&str; 6] = [
    "/me",
    "/users?$top=2",
    "/me/messages?$top=3",
    "/me/calendar/events?$top=3",
    "/me/drive/root/children",
    "/me/chats?$expand=lastMessagePreview",
];

fn first_user(world: &World, number: usize) -> Caller {
    let tenant = world.directory.tenant(&format!("t{number:05}.example")).unwrap();
    let scopes = EVERY_SCOPE.iter().map(|scope| (*scope).to_owned()).collect();
    Caller { app: uuid::Uuid::from_u128(7), tenant: tenant.id, user: tenant.users[0].id, scopes }
}

/// Everything that somebody is answered. What a request prefers is part of what its answer is kept by: with another
/// preference, of no meaning, the answer is put together anew.
fn answers(world: &World, caller: &Caller, preference: &str) -> Vec<Vec<u8>> {
    let answer = |target| {
        let response = world.raw(caller, target, &[preference]);
        assert_eq!(response.status, 200, "{target}");
        response.body.to_vec()
    };
    TARGETS.into_iter().map(answer).collect()
}

/// Fails when somebody reads other mail, files or people after the tenant was forgotten meanwhile, or when tenants that
/// were read stay in memory for ever.
#[test]
fn answers_are_the_same_bytes_after_a_tenant_was_forgotten() {
    let groups = [TenantGroup { tenants: 64, users: 3 }];
    let world = World::of(Directory::generate(SEED).with_further(SEED, &groups, KEPT_USERS), SEED);
    let before: Vec<_> = (1..=4).map(|number| answers(&world, &first_user(&world, number), "once")).collect();
    for number in 5..=64 {
        answers(&world, &first_user(&world, number), "once");
        assert!(world.directory.kept_tenants() <= 8, "kept {}", world.directory.kept_tenants());
    }
    for (number, before) in (1..=4).zip(before) {
        assert_eq!(answers(&world, &first_user(&world, number), "again"), before, "tenant {number}");
    }
}
