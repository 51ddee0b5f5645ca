use super::*;

fn link(user_number: u128) -> GateRequest {
    let class = RequestClass::SharingLink;
    GateRequest { class, units: 5, ..asked(user_number, Workload::SharePoint) }
}

/// How many of a tenant's users, one request each, pass at one moment.
fn passing(gate: &Gate, request: impl Fn(u128) -> GateRequest) -> usize {
    (1..500).take_while(|user| passes(gate, &request(*user))).count()
}

/// Sharing links would be opened until SharePoint refuses them, whoever in the tenant opens them, or other files of the
/// tenant would wait for them.
#[actix_rt::test]
async fn sharing_links_have_a_limit_of_their_own_in_a_tenant() {
    let gate = gate();
    let free = GateRequest { units: 1, ..link(0) };
    // 90 % of 300 in five minutes, of which a fiftieth may come at once.
    assert_eq!(passing(&gate, |user| GateRequest { key: asked(user, Workload::SharePoint).key, ..free }), 5);
    assert!(passes(&gate, &asked(600, Workload::SharePoint)), "other files");
    assert!(
        passes(&gate, &GateRequest { units: 1, ..asked_by(2, 1, Workload::SharePoint) }),
        "another tenant"
    );
    sleep(seconds(300)).await;
    assert!(passes(&gate, &link(1)));
}

/// A sharing link would cost nothing of what SharePoint counts of the application in the tenant.
#[actix_rt::test]
async fn a_sharing_link_uses_the_minute_of_sharepoint_too() {
    let gate = gate();
    // 22 of 1,250 units in a minute may be used at once: three links and one file of five each.
    assert!((501..504).all(|user| passes(&gate, &link(user))));
    let files = |user| GateRequest { units: 5, ..asked(user, Workload::SharePoint) };
    assert_eq!(passing(&gate, files), 1);
}
