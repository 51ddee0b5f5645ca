//! Every block of memory is looked at as it is freed.
//!
//! Nothing here is `unsafe`. The allocator says which block it has freed, and what lies there is read as a debugger would
//! read it, from `/proc/self/mem`: of a freed block, the system's allocator writes over the first few bytes alone.

use std::alloc::System;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tracking_allocator::{AllocationGroupId, AllocationRegistry, AllocationTracker, Allocator};

#[global_allocator]
static ALLOCATOR: Allocator<System> = Allocator::system();

/// What secrets are made of, over and over, or what one holds: text, and the bytes that it encodes in base64.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    text: [u8; 16],
    pub(crate) encoded: [u8; 12],
}

impl Mark {
    /// `text`: base64 that another secret of the process has not.
    pub(crate) fn of(text: [u8; 16]) -> Self {
        let mut encoded = [0; 12];
        assert_eq!(STANDARD.decode_slice(text, &mut encoded), Ok(12));
        Self { text, encoded }
    }

    /// One that no test has had: what one leaves behind lies in the memory that the next one is given.
    pub(crate) fn fresh() -> Self {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let number = LAST.fetch_add(1, Ordering::SeqCst) + 1;
        let mut text = *b"canaryOf00000000";
        for (at, digit) in text[8..].iter_mut().rev().enumerate() {
            *digit += u8::try_from(number >> (3 * at) & 7).unwrap();
        }
        Self::of(text)
    }

    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        self.places_in(bytes).next().is_some()
    }

    fn places_in(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        (0..bytes.len())
            .filter(|at| bytes[*at..].starts_with(&self.text) || bytes[*at..].starts_with(&self.encoded))
    }

    /// Such a text: parts of so many marks, with dots between them, and an end. It is never freed, and made without a copy
    /// that is.
    pub(crate) fn text(&self, parts: &[usize], end: &str) -> &'static str {
        let room = parts.iter().sum::<usize>() * self.text.len() + parts.len() - 1 + end.len();
        let mut text = String::with_capacity(room);
        for (at, times) in parts.iter().enumerate() {
            text.push_str(if at == 0 { "" } else { "." });
            (0..*times).for_each(|_| text.push_str(str::from_utf8(&self.text).unwrap()));
        }
        text.push_str(end);
        text.leak()
    }
}

/// What is looked for.
static LOOKED_FOR: Mutex<Option<Mark>> = Mutex::new(None);

/// Where it was found. What is left in a freed block lies in the next one that is made there, and counts once.
static FOUND: Mutex<Found> = Mutex::new(Found { blocks: [(0, 0); MOST], count: 0 });

/// More blocks than that are not told apart.
const MOST: usize = 64;

struct Found {
    /// Address and size.
    blocks: [(usize, usize); MOST],
    count: usize,
}

impl Found {
    fn has(&self, place: usize) -> bool {
        self.blocks[..self.count].iter().any(|(address, size)| (*address..address + size).contains(&place))
    }

    fn add(&mut self, address: usize, size: usize) {
        if let Some(free) = self.blocks.get_mut(self.count) {
            *free = (address, size);
            self.count += 1;
        }
    }
}

/// Looks at what is freed.
struct Watch(File);

/// In bytes, how much is looked at in one go.
const WINDOW: usize = 16 * 1024;
/// So much of it again with the next: more than a mark is long.
const OVERLAP: usize = 16;

impl AllocationTracker for Watch {
    fn allocated(&self, _: usize, _: usize, _: usize, _: AllocationGroupId) {}

    fn deallocated(&self, address: usize, size: usize, _: usize, _: AllocationGroupId, _: AllocationGroupId) {
        let Some(mark) = *LOOKED_FOR.lock().unwrap_or_else(PoisonError::into_inner) else { return };
        let mut window = [0; WINDOW];
        for at in (0..size).step_by(WINDOW - OVERLAP) {
            let window = &mut window[..WINDOW.min(size - at)];
            // What has gone back to the system can't be read by anybody.
            if self.0.read_exact_at(window, (address + at) as u64).is_err() {
                continue;
            }
            let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
            if mark.places_in(window).any(|place| !found.has(address + at + place)) {
                found.add(address, size);
                return;
            }
        }
    }
}

/// In how many blocks that are freed during `life` the mark still stands.
pub(crate) fn found_of(mark: Mark, life: impl FnOnce()) -> usize {
    static IS_WATCHED: Mutex<bool> = Mutex::new(false);
    let mut is_watched = IS_WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*is_watched {
        let watch = Watch(File::open("/proc/self/mem").unwrap());
        assert!(AllocationRegistry::set_global_tracker(watch).is_ok());
        AllocationRegistry::enable_tracking();
        *is_watched = true;
    }
    *LOOKED_FOR.lock().unwrap() = Some(mark);
    FOUND.lock().unwrap().count = 0;
    life();
    *LOOKED_FOR.lock().unwrap() = None;
    let found = FOUND.lock().unwrap().count;
    assert!(found < MOST, "there may be more than can be told apart");
    found
}
