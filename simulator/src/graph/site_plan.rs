//! The team sites that every tenant has, and who may enter them.

/// A site before it has ids.
#[derive(Debug)]
pub(in crate::graph) struct SitePlan {
    pub(in crate::graph) name: &'static str,
    /// Server-relative; empty for the root site.
    pub(in crate::graph) path: &'static str,
    pub(in crate::graph) description: &'static str,
    members: Members,
    /// Whether the connector's application was granted this site by itself (`Sites.Selected`).
    pub(in crate::graph) is_selected: bool,
    /// Days before the newest time at which the site was made.
    pub(in crate::graph) age: i64,
    /// IANA name of the zone in its regional settings.
    pub(in crate::graph) zone: &'static str,
}

/// By the seats of a tenant's users, in the order of the directory, the first being 0.
#[derive(Debug, Clone, Copy)]
enum Members {
    Everybody,
    EvenSeats,
    /// Seats 0 to 3 of every dozen.
    FirstThird,
    /// Seats 0 and 1 alone.
    FirstTwo,
}

pub(in crate::graph) const SITES: &[SitePlan] = &[
    SitePlan {
        name: "Intranet",
        path: "",
        description: "News and what concerns everybody",
        members: Members::Everybody,
        is_selected: false,
        age: 900,
        zone: "Europe/Berlin",
    },
    SitePlan {
        name: "Handbook",
        path: "/sites/handbook",
        description: "How we work: rules, forms, guides",
        members: Members::Everybody,
        is_selected: true,
        age: 800,
        zone: "America/Los_Angeles",
    },
    SitePlan {
        name: "Project Aurora",
        path: "/sites/aurora",
        description: "Plans and results of project Aurora",
        members: Members::EvenSeats,
        is_selected: false,
        age: 300,
        zone: "Pacific/Auckland",
    },
    SitePlan {
        name: "Finance",
        path: "/sites/finance",
        description: "Budgets, invoices, forecasts",
        members: Members::FirstThird,
        is_selected: false,
        age: 700,
        zone: "Pacific/Honolulu",
    },
    SitePlan {
        name: "Board",
        path: "/sites/board",
        description: "Papers of the board",
        members: Members::FirstTwo,
        is_selected: false,
        age: 600,
        zone: "Asia/Kolkata",
    },
];

impl SitePlan {
    pub(in crate::graph) const fn is_open_to(&self, seat: usize) -> bool {
        match self.members {
            Members::Everybody => true,
            Members::EvenSeats => seat.is_multiple_of(2),
            Members::FirstThird => seat % 12 < 4,
            Members::FirstTwo => seat < 2,
        }
    }
}
