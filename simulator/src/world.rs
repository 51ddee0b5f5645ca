//! Everything that the workers of one simulator share.

use std::sync::Arc;

use crate::directory::Directory;
use crate::entra::Entra;
use crate::faults::Faults;
use crate::graph_front::GraphFront;
use crate::record::RequestRing;
use crate::throttle_door::ThrottleDoor;

pub(crate) struct World {
    pub(crate) directory: Arc<Directory>,
    pub(crate) entra: Arc<Entra>,
    pub(crate) graph: GraphFront,
    pub(crate) record: RequestRing,
    pub(crate) faults: Faults,
    pub(crate) throttle: Arc<ThrottleDoor>,
    /// The simulator's origin, without a slash at the end.
    pub(crate) base_url: String,
}
