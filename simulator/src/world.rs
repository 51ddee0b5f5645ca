//! Everything that the workers of one simulator share.

use std::sync::Arc;

use crate::directory::Directory;
use crate::entra::Entra;
use crate::faults::Faults;
use crate::graph_front::GraphFront;
use crate::origins::Origins;
use crate::record::RequestRing;
use crate::refused_writes::RefusedWrites;
use crate::throttle_door::ThrottleDoor;

pub(crate) struct World {
    pub(crate) directory: Arc<Directory>,
    pub(crate) entra: Arc<Entra>,
    pub(crate) graph: GraphFront,
    pub(crate) record: RequestRing,
    pub(crate) refused_writes: RefusedWrites,
    pub(crate) faults: Faults,
    pub(crate) throttle: Arc<ThrottleDoor>,
    pub(crate) origins: Arc<Origins>,
}
