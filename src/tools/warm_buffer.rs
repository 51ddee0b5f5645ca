//! Buffers that answers are written into, kept by each thread for its next call: memory that was written a moment ago is
//! still in the processor's caches, and a block of an allocator's choice mostly is not.

use std::cell::RefCell;
use std::mem;
use std::ops::{Deref, DerefMut};

/// Of a thread. One call has three at once: both forms of its answer, and the reply that they are copied into.
const KEPT: usize = 3;
/// In bytes. The answers of lists are smaller; memory for others is given back.
const LARGEST_KEPT: usize = 64 * 1024;
/// In bytes. Less, such as an error, costs nothing to make anew, and would be in the way of what does.
const SMALLEST_KEPT: usize = 1_024;

thread_local! {
    static WARM: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Bytes, growing like a `Vec`. What it held is forgotten when it is dropped; the room is used again.
#[derive(Default)]
pub struct WarmBuffer(Vec<u8>);

impl WarmBuffer {
    /// Empty, with room for that many bytes.
    pub fn with_room(room: usize) -> Self {
        let mut buffer = WARM.with_borrow_mut(Vec::pop).unwrap_or_default();
        buffer.reserve(room);
        Self(buffer)
    }

    /// What it holds, for good.
    pub fn into_vec(mut self) -> Vec<u8> {
        mem::take(&mut self.0)
    }
}

impl Drop for WarmBuffer {
    fn drop(&mut self) {
        let mut buffer = mem::take(&mut self.0);
        if !(SMALLEST_KEPT..=LARGEST_KEPT).contains(&buffer.capacity()) {
            return;
        }
        buffer.clear();
        // A thread that ends has nothing left to keep it in.
        let _kept = WARM.try_with(|warm| {
            if let Ok(mut warm) = warm.try_borrow_mut()
                && warm.len() < KEPT
            {
                warm.push(buffer);
            }
        });
    }
}

impl Deref for WarmBuffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for WarmBuffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl AsRef<[u8]> for WarmBuffer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for WarmBuffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// Only the length: it is content.
impl std::fmt::Debug for WarmBuffer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "WarmBuffer({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn kept() -> usize {
        WARM.with_borrow(Vec::len)
    }

    /// If this failed, each answer would be written into cold memory, or begin with what another one held.
    #[test]
    fn the_room_of_one_answer_is_the_next_ones() {
        let run = || {
            let mut first = WarmBuffer::with_room(2_000);
            first.extend_from_slice(b"somebody's");
            let place = first.as_ptr();
            drop(first);
            let second = WarmBuffer::with_room(500);
            assert_eq!((second.as_ptr(), second.len()), (place, 0));
        };
        thread::spawn(run).join().unwrap();
    }

    /// If this failed, one large answer, or many at once, would be paid for in memory for ever.
    #[test]
    fn little_is_kept() {
        let run = || {
            drop(WarmBuffer::with_room(LARGEST_KEPT + 1));
            drop(WarmBuffer::from(b"an error".to_vec()));
            assert_eq!(kept(), 0);
            drop((0..10).map(|_| WarmBuffer::with_room(SMALLEST_KEPT)).collect::<Vec<_>>());
            assert_eq!(kept(), KEPT);
        };
        thread::spawn(run).join().unwrap();
    }
}
