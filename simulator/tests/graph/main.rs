//! The simulated Graph through its pure interface: no sockets, no tokens.

mod access;
mod calendar;
mod calendar_access;
mod calendar_schedule;
mod calendar_series;
mod generation;
mod odata;
mod pages;
mod search;
mod world;
