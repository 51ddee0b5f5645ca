//! When people have time: the user alone, and several together.
//!
//! `intervals`, `working_week`, `free_days` and `candidates` are pure: what they are told is all they know.

mod available_time;
mod candidates;
mod free_days;
mod intervals;
mod meeting_times;
mod microsofts_suggestion;
mod perhaps_unknown;
mod schedule;
mod suggestion;
mod unknown;
mod window;
mod working_week;

pub(super) use available_time::OUTLOOK_FIND_AVAILABLE_TIME;
pub(super) use meeting_times::FIND_MEETING_AVAILABILITY;
