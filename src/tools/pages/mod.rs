//! Lists of Graph's, read page by page as far as one answer goes: how far that was, and where the next answer begins.
//!
//! `Reading` turns the pages, `Basket` takes from them what fits into an answer, `Onward` tells how that ended and
//! leads on. `scan` and `collect` are all three of them together: for items that borrow from their pages, and for
//! items that are made one by one. `Short` and `collect_short` also end an answer before its text is too long.

mod basket;
mod collect;
mod gathering;
mod length;
mod onward;
mod reading;
mod scan;
mod shelf;
mod short;
mod start;

pub(super) use basket::{Basket, Verdict, everything};
pub(super) use collect::{Collected, MOST_PAGES, collect, collect_or, collect_short, entry, look_through};
pub(super) use gathering::{Gathering, INTERRUPTED, NoWayOn, Stop, in_time};
pub(super) use length::{LONGEST_LIST, Length, Shaped};
pub(super) use onward::{LONG, NO_CURSOR, Onward};
pub(super) use reading::{Ending, Opening, Position, Reading, Turn, link_of};
pub(super) use scan::{Room, Scanned, scan};
pub(super) use shelf::Shelf;
pub(super) use short::{Short, turn_pages};
pub(super) use start::Start;
