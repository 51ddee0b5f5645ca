//! The simulated Graph through its pure interface: no sockets, no tokens.

mod access;
mod drive;
mod generation;
mod odata;
mod pages;
mod search;
mod world;
