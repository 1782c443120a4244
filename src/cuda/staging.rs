//! Copies between host and device through two pieces of pinned memory in turn: the device copies one while the host fills or
//! empties the other, and the host's own memory is free again as soon as the call returns.

use std::collections::VecDeque;

use crate::driver::{Address, Driver, Handle};
use crate::error::Result;

/// Bytes of a piece: long enough that starting a copy costs little beside it.
const PIECE: usize = 4 << 20;
/// The first pieces are for the many small transfers.
const SMALL: usize = 64 << 10;

struct Piece {
    memory: *mut u8,
    bytes: usize,
    /// Recorded behind the last copy that uses the memory.
    event: Handle,
}

// SAFETY: the memory is the driver's, valid on every thread, and used under the lock of its owner.
unsafe impl Send for Piece {}

/// The pieces of a device, made when they are first needed.
#[derive(Default)]
pub struct Staging {
    small: VecDeque<Piece>,
    large: VecDeque<Piece>,
}

impl Staging {
    /// Puts copies of all bytes on a stream; returns when the last has been started and `from` is free.
    ///
    /// # Safety
    /// `to` is valid for as many bytes until they are there.
    pub unsafe fn upload(&mut self, driver: &dyn Driver, from: &[u8], to: Address, stream: Handle) -> Result<()> {
        let mut at = to;
        for part in from.chunks(PIECE) {
            let pieces = self.pieces(driver, from.len())?;
            let Some(piece) = pieces.front() else { continue };
            driver.synchronize_event(piece.event)?;
            // SAFETY: no copy uses the piece any more, and it is at least as long as the part.
            unsafe {
                std::ptr::copy_nonoverlapping(part.as_ptr(), piece.memory, part.len());
                driver.copy_to_device(at, piece.memory, part.len(), stream)?;
            }
            driver.record(piece.event, stream)?;
            pieces.rotate_left(1);
            at += part.len() as u64;
        }
        Ok(())
    }

    /// Fills the host's bytes when the stream has come so far.
    ///
    /// # Safety
    /// `from` is valid for as many bytes.
    pub unsafe fn download(&mut self, driver: &dyn Driver, from: Address, to: &mut [u8], stream: Handle) -> Result<()> {
        let total = to.len();
        let parts: Vec<&mut [u8]> = to.chunks_mut(PIECE).collect();
        let mut waiting: VecDeque<&mut [u8]> = VecDeque::new();
        let (mut at, pieces) = (from, self.pieces(driver, total)?);
        let most = pieces.len();
        for part in parts {
            if waiting.len() == most {
                // SAFETY: the front piece holds what was started first.
                unsafe { arrive(driver, &mut waiting, pieces.front())? };
            }
            let Some(piece) = pieces.front() else { break };
            driver.synchronize_event(piece.event)?;
            // SAFETY: no copy uses the piece any more, and it is at least as long as the part.
            unsafe { driver.copy_to_host(piece.memory, at, part.len(), stream)? };
            driver.record(piece.event, stream)?;
            pieces.rotate_left(1);
            at += part.len() as u64;
            waiting.push_back(part);
        }
        while !waiting.is_empty() {
            let first = pieces.len() - waiting.len();
            // SAFETY: pieces were used in turn, so this one holds the oldest part.
            unsafe { arrive(driver, &mut waiting, pieces.get(first))? };
        }
        Ok(())
    }

    /// Gives everything back.
    pub fn clear(&mut self, driver: &dyn Driver) -> Result<()> {
        for piece in self.small.drain(..).chain(self.large.drain(..)) {
            driver.synchronize_event(piece.event)?;
            // SAFETY: the event says that no copy uses it.
            unsafe { driver.free_pinned(piece.memory)? };
            driver.drop_event(piece.event)?;
        }
        Ok(())
    }

    /// Two pieces that are long enough for parts of so many bytes, the one to use next first.
    fn pieces(&mut self, driver: &dyn Driver, total: usize) -> Result<&mut VecDeque<Piece>> {
        let (pieces, bytes) = if total <= SMALL { (&mut self.small, SMALL) } else { (&mut self.large, PIECE) };
        while pieces.len() < 2 {
            let event = driver.event(false)?;
            let memory = driver.allocate_pinned(bytes)?;
            pieces.push_back(Piece { memory, bytes, event });
        }
        debug_assert!(pieces.iter().all(|piece| piece.bytes >= total.min(PIECE)));
        Ok(pieces)
    }
}

/// Waits for the copy into a piece and empties it into the first part that waits.
///
/// # Safety
/// The piece holds that part.
unsafe fn arrive(driver: &dyn Driver, waiting: &mut VecDeque<&mut [u8]>, piece: Option<&Piece>) -> Result<()> {
    let (Some(part), Some(piece)) = (waiting.pop_front(), piece) else { return Ok(()) };
    driver.synchronize_event(piece.event)?;
    // SAFETY: by contract, and a piece is as long as any part.
    unsafe { std::ptr::copy_nonoverlapping(piece.memory, part.as_mut_ptr(), part.len()) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    #[test]
    fn bytes_of_any_length_come_back() {
        let fake = Fake::new(1, 1 << 30);
        fake.enter(fake.context(0).unwrap()).unwrap();
        let (mut staging, stream) = (Staging::default(), fake.stream().unwrap());
        for length in [0, 1, SMALL, SMALL + 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5, 5 * PIECE] {
            let sent: Vec<u8> = (0..length).map(|i| (i / PIECE + i * 7) as u8).collect();
            let address = fake.allocate(length.max(1) as u64).unwrap();
            let mut back = vec![0; length];
            // SAFETY: the block is as long.
            unsafe {
                staging.upload(&fake, &sent, address, stream).unwrap();
                staging.download(&fake, address, &mut back, stream).unwrap();
            }
            assert!(sent == back, "{length} bytes");
            fake.free(address).unwrap();
        }
        staging.clear(&fake).unwrap();
    }
}
