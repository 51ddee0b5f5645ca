//! What Entra's numbers are about.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>. Microsoft may change a number
//! without notice; so nothing is decided by one where `error` and `suberror` say enough, where they do it only tells which
//! step or whose consent they mean, and an unknown one is no mistake.

use connector_actors::ports::{Block, Consent, Misconfiguration, Step};

/// What an `AADSTS…` number is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Consent(Consent),
    Step(Step),
    /// Rules on devices and platforms: final, unless Entra sends a challenge along.
    DeviceRule,
    /// Final as well, unless Entra says that the user can choose another.
    PasswordExpired,
    SignIn,
    Block(Block),
    Misconfiguration(Misconfiguration),
    /// The same was asked too often for one user.
    Loop,
    /// Too much was asked in this tenant.
    TenantThrottled,
    Passing,
    /// Entra failed, and asking again does not help.
    Lasting,
}

const CLASSES: &[(Class, &[u32])] = &[
    (Class::Consent(Consent::User), &[65001, 65004]),
    (Class::Consent(Consent::Administrator), &[90094, 90095]),
    (Class::Consent(Consent::Installation), &[700_016, 700_011, 70001, 7_000_112, 1_000_031, 500_014]),
    (Class::Step(Step::SecondFactor), &[50076, 50074, 50078]),
    (Class::Step(Step::Enrolment), &[50079, 50072]),
    (Class::Step(Step::External), &[50158]),
    (Class::DeviceRule, &[50005, 50097, 50129, 50131, 50155, 50187]),
    (Class::PasswordExpired, &[50055, 50144]),
    (
        Class::SignIn,
        &[
            70043, 500_133, 50013, 50027, 70000, 70008, 700_082, 700_084, 50173, 50089, 50132, 50133, 54005,
            50058,
        ],
    ),
    (Class::Block(Block::Device), &[53000, 53001, 53002]),
    (Class::Block(Block::Policy), &[53003, 53004, 53010, 53011, 530_032, 530_034, 530_035]),
    (Class::Block(Block::Account), &[50053, 50057, 50034, 51004, 50014, 50020, 16000, 16003, 90072]),
    (Class::Block(Block::Assignment), &[50105]),
    (Class::Block(Block::TenantRestriction), &[500_021, 500_022, 50002, 500_212, 500_213, 500_208, 500_207]),
    (
        Class::Misconfiguration(Misconfiguration::Registration),
        &[
            65005, 650_052, 650_054, 650_056, 650_057, 650_059, 90008, 240_002, 7_000_114, 500_011, 50001,
            50194, 9_002_332, 90124, 90130, 9_001_023, 50011, 70004, 900_971,
        ],
    ),
    (
        Class::Misconfiguration(Misconfiguration::Credential),
        &[
            7_000_215, 7_000_222, 70002, 7_000_218, 700_025, 700_027, 700_030, 50012, 50048, 700_024,
            700_021, 70021, 700_211, 700_212, 700_213, 7_000_272, 700_222, 700_223, 700_229,
        ],
    ),
    (Class::Misconfiguration(Misconfiguration::Tenant), &[90002, 90019, 50059, 50128]),
    (Class::Misconfiguration(Misconfiguration::Cloud), &[90038, 51005]),
    (
        Class::Misconfiguration(Misconfiguration::Request),
        &[70011, 28002, 28003, 700_022, 700_023, 901_002, 900_144, 90014, 90013, 90004, 9_002_313, 90100],
    ),
    (Class::Loop, &[50196]),
    (Class::TenantThrottled, &[90055]),
    (Class::Passing, &[90033, 90090, 90006, 90024, 50033, 50087, 90012]),
    (Class::Lasting, &[90036, 50000, 90092]),
];

pub(super) fn class(code: u32) -> Option<Class> {
    CLASSES.iter().find(|(_, codes)| codes.contains(&code)).map(|(class, _)| *class)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// If this failed, what a number means would depend on the order of the table.
    #[test]
    fn a_number_belongs_to_one_class() {
        let mut seen = HashSet::new();
        let twice = CLASSES.iter().flat_map(|(_, codes)| *codes).find(|code| !seen.insert(**code));
        assert_eq!(twice, None);
        assert_eq!(class(0), None);
    }
}
