//! The caching allocator: device memory in segments that are kept, from which blocks are cut and into which they grow together again.
//!
//! A block belongs to the stream that it was allocated on, and once it is released only allocations of that stream get it:
//! what they put on the stream comes after what used the block before, so nobody waits. Small blocks and large ones lie in
//! segments of their own, or the small ones would keep the large segments from being given back.

use std::collections::{BTreeMap, BTreeSet};

use crate::driver::{Address, Driver, Handle};
use crate::error::{Failure, Result};

/// Blocks are multiples of this: what kernels assume of alignment, and the driver's own granularity is no finer.
const GRAIN: u64 = 512;
/// Blocks up to here are small.
const SMALL: u64 = 1 << 20;
/// A segment of small blocks.
const SMALL_SEGMENT: u64 = 2 << 20;
/// A segment of blocks that are large, but smaller than half of it.
const LARGE_SEGMENT: u64 = 20 << 20;

/// What an allocator has done and holds. Bytes are those of blocks, which are rounded up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryStats {
    /// Bytes that tensors hold.
    pub in_use: u64,
    /// The most that they ever held.
    pub peak_in_use: u64,
    /// Bytes taken from the driver.
    pub reserved: u64,
    /// The most that were ever taken.
    pub peak_reserved: u64,
    /// Blocks that tensors hold.
    pub blocks: u64,
    /// Blocks handed out so far.
    pub allocations: u64,
    /// Blocks that came out of memory that was there already.
    pub reused: u64,
    /// Segments taken from the driver so far.
    pub segments: u64,
    /// How often kept segments were given back because the driver had no more memory.
    pub retries: u64,
    /// Allocations that failed.
    pub failures: u64,
}

impl MemoryStats {
    /// Bytes kept for later: taken from the driver and in no tensor.
    pub fn cached(&self) -> u64 {
        self.reserved - self.in_use
    }
}

#[derive(Clone, Copy, Debug)]
struct Chunk {
    bytes: u64,
    /// Where its segment starts.
    segment: Address,
    pool: Pool,
    used: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pool {
    stream: Handle,
    small: bool,
}

/// The memory of a device.
#[derive(Default)]
pub struct Allocator {
    chunks: BTreeMap<Address, Chunk>,
    free: BTreeMap<Pool, BTreeSet<(u64, Address)>>,
    /// Bytes by the start of each segment.
    segments: BTreeMap<Address, u64>,
    stats: MemoryStats,
}

impl Allocator {
    /// What it has done and holds.
    pub fn stats(&self) -> MemoryStats {
        self.stats
    }

    /// Lets the peaks start from what is held now.
    pub fn reset_peaks(&mut self) {
        self.stats.peak_in_use = self.stats.in_use;
        self.stats.peak_reserved = self.stats.reserved;
    }

    /// A block of at least `bytes` bytes for use on a stream.
    ///
    /// # Errors
    /// [`Failure::OutOfMemory`] if the driver has no more even after everything unused was given back.
    pub fn allocate(&mut self, driver: &dyn Driver, bytes: u64, stream: Handle) -> Result<Address> {
        let bytes = bytes.max(1).checked_next_multiple_of(GRAIN).ok_or(Failure::OutOfMemory)?;
        let pool = Pool { stream, small: bytes <= SMALL };
        let (address, reused) = match self.take(pool, bytes) {
            Some(address) => (address, true),
            None => {
                if let Err(error) = self.grow(driver, pool, bytes) {
                    self.stats.failures += 1;
                    return Err(error);
                }
                (self.take(pool, bytes).ok_or(Failure::OutOfMemory)?, false)
            }
        };
        let held = self.chunks[&address].bytes;
        let stats = &mut self.stats;
        stats.in_use += held;
        stats.peak_in_use = stats.peak_in_use.max(stats.in_use);
        stats.blocks += 1;
        stats.allocations += 1;
        stats.reused += u64::from(reused);
        Ok(address)
    }

    /// Takes a block back, for later allocations of its stream.
    pub fn release(&mut self, address: Address) {
        let Some(chunk) = self.chunks.get_mut(&address).filter(|chunk| chunk.used) else {
            debug_assert!(false, "a block was released that is not in use");
            return;
        };
        chunk.used = false;
        self.stats.in_use -= chunk.bytes;
        self.stats.blocks -= 1;
        let mut whole = (address, *chunk);
        if let Some((&before, &chunk)) = self.chunks.range(..address).next_back()
            && joins(&chunk, &whole.1)
        {
            self.unlist(before, &chunk);
            self.chunks.remove(&whole.0);
            whole = (before, Chunk { bytes: chunk.bytes + whole.1.bytes, ..chunk });
        }
        let next = whole.0 + whole.1.bytes;
        if let Some(&chunk) = self.chunks.get(&next)
            && joins(&whole.1, &chunk)
        {
            self.unlist(next, &chunk);
            self.chunks.remove(&next);
            whole.1.bytes += chunk.bytes;
        }
        self.list(whole.0, whole.1);
    }

    /// Gives segments without a used block back to the driver; the number of bytes.
    ///
    /// # Errors
    /// The driver's, for a device that is lost.
    pub fn empty_cache(&mut self, driver: &dyn Driver) -> Result<u64> {
        let whole: Vec<(Address, Chunk)> =
            self.chunks.iter().filter(|(at, c)| !c.used && self.segments.get(at) == Some(&c.bytes)).map(|(at, c)| (*at, *c)).collect();
        let mut given = 0;
        for (address, chunk) in whole {
            driver.free(address)?;
            self.unlist(address, &chunk);
            self.chunks.remove(&address);
            self.segments.remove(&address);
            self.stats.reserved -= chunk.bytes;
            given += chunk.bytes;
        }
        Ok(given)
    }

    /// The smallest free block that is large enough, the rest of it cut off.
    fn take(&mut self, pool: Pool, bytes: u64) -> Option<Address> {
        let (_, address) = *self.free.get(&pool)?.range((bytes, 0)..).next()?;
        let chunk = self.chunks[&address];
        self.unlist(address, &chunk);
        let rest = chunk.bytes - bytes;
        // A small rest of a large block would never be asked for: it stays with the block.
        let split = if pool.small { rest > 0 } else { rest > SMALL };
        let kept = if split { bytes } else { chunk.bytes };
        self.chunks.insert(address, Chunk { bytes: kept, used: true, ..chunk });
        if split {
            self.list(address + bytes, Chunk { bytes: rest, ..chunk });
        }
        Some(address)
    }

    /// A new segment as one free block.
    fn grow(&mut self, driver: &dyn Driver, pool: Pool, bytes: u64) -> Result<()> {
        let size = match bytes {
            _ if pool.small => SMALL_SEGMENT,
            n if n <= LARGE_SEGMENT / 2 => LARGE_SEGMENT,
            n => n.checked_next_multiple_of(SMALL_SEGMENT).ok_or(Failure::OutOfMemory)?,
        };
        let (address, size) = match driver.allocate(size) {
            Ok(address) => (address, size),
            Err(Failure::OutOfMemory) => self.grow_in_need(driver, size, bytes)?,
            Err(error) => return Err(error),
        };
        self.segments.insert(address, size);
        self.stats.segments += 1;
        self.stats.reserved += size;
        self.stats.peak_reserved = self.stats.peak_reserved.max(self.stats.reserved);
        self.list(address, Chunk { bytes: size, segment: address, pool, used: false });
        Ok(())
    }

    /// After everything unused was given back: a segment, else just the block.
    fn grow_in_need(&mut self, driver: &dyn Driver, size: u64, bytes: u64) -> Result<(Address, u64)> {
        self.stats.retries += 1;
        self.empty_cache(driver)?;
        match driver.allocate(size) {
            Err(Failure::OutOfMemory) if bytes < size => Ok((driver.allocate(bytes)?, bytes)),
            other => Ok((other?, size)),
        }
    }

    fn list(&mut self, address: Address, chunk: Chunk) {
        self.chunks.insert(address, chunk);
        self.free.entry(chunk.pool).or_default().insert((chunk.bytes, address));
    }

    fn unlist(&mut self, address: Address, chunk: &Chunk) {
        if let Some(free) = self.free.get_mut(&chunk.pool) {
            free.remove(&(chunk.bytes, address));
        }
    }
}

/// Whether two neighbours in memory are free parts of one segment.
fn joins(a: &Chunk, b: &Chunk) -> bool {
    !a.used && !b.used && a.segment == b.segment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    const A: Handle = Handle(1);
    const B: Handle = Handle(2);

    fn device(memory: u64) -> Fake {
        let fake = Fake::new(1, memory);
        fake.enter(fake.context(0).unwrap()).unwrap();
        fake
    }

    #[test]
    fn released_memory_is_reused_without_the_driver() {
        let (fake, mut all) = (device(1 << 30), Allocator::default());
        let first = all.allocate(&fake, 1000, A).unwrap();
        all.release(first);
        assert_eq!(all.allocate(&fake, 900, A).unwrap(), first);
        let stats = all.stats();
        assert_eq!((stats.allocations, stats.reused, stats.segments, stats.in_use), (2, 1, 1, 1024));
        assert_eq!(stats.cached(), SMALL_SEGMENT - 1024);
    }

    #[test]
    fn another_stream_gets_other_memory() {
        let (fake, mut all) = (device(1 << 30), Allocator::default());
        let first = all.allocate(&fake, 1000, A).unwrap();
        all.release(first);
        let other = all.allocate(&fake, 1000, B).unwrap();
        assert!(!(first..first + SMALL_SEGMENT).contains(&other));
    }

    #[test]
    fn neighbours_grow_together_and_segments_go_back() {
        let (fake, mut all) = (device(1 << 30), Allocator::default());
        let blocks: Vec<Address> = (0..4).map(|_| all.allocate(&fake, 512 << 10, A).unwrap()).collect();
        assert_eq!(all.stats().segments, 1);
        // In an order in which each meets a neighbour before it, after it, and on both sides.
        for i in [0, 2, 3, 1] {
            all.release(blocks[i]);
        }
        assert_eq!(all.empty_cache(&fake).unwrap(), SMALL_SEGMENT);
        assert_eq!((all.stats().reserved, fake.allocated()), (0, 0));
    }

    #[test]
    fn a_segment_with_a_used_block_stays() {
        let (fake, mut all) = (device(1 << 30), Allocator::default());
        let (first, second) = (all.allocate(&fake, 100, A).unwrap(), all.allocate(&fake, 100, A).unwrap());
        all.release(second);
        assert_eq!(all.empty_cache(&fake).unwrap(), 0);
        all.release(first);
        assert_eq!(all.empty_cache(&fake).unwrap(), SMALL_SEGMENT);
    }

    #[test]
    fn what_is_kept_is_given_back_before_memory_is_said_to_be_out() {
        let (fake, mut all) = (device(100 << 20), Allocator::default());
        let first = all.allocate(&fake, 60 << 20, A).unwrap();
        all.release(first);
        let second = all.allocate(&fake, 80 << 20, B).unwrap();
        assert_eq!((all.stats().retries, all.stats().reserved), (1, 80 << 20));
        assert_eq!(all.allocate(&fake, 30 << 20, A), Err(Failure::OutOfMemory));
        // A whole segment no longer fits, the block alone does.
        all.allocate(&fake, 2 << 20, A).unwrap();
        all.release(second);
        assert_eq!((all.stats().failures, all.stats().peak_in_use), (1, 82 << 20));
    }

    #[test]
    fn sizes_that_no_address_space_holds_are_out_of_memory() {
        let (fake, mut all) = (device(1 << 20), Allocator::default());
        assert_eq!(all.allocate(&fake, u64::MAX, A), Err(Failure::OutOfMemory));
    }

    #[test]
    fn blocks_never_overlap() {
        let (fake, mut all) = (device(4 << 30), Allocator::default());
        let (mut live, mut state): (Vec<(Address, u64)>, u64) = (Vec::new(), 7);
        let mut random = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        for _ in 0..3000 {
            if live.len() > 40 || (!live.is_empty() && random(2) == 0) {
                let (address, _) = live.swap_remove(random(live.len() as u64) as usize);
                all.release(address);
            } else {
                let most = 1 << (8 + random(16));
                let bytes = 1 + random(most);
                let address = all.allocate(&fake, bytes, if random(2) == 0 { A } else { B }).unwrap();
                assert_eq!(address % GRAIN, 0);
                assert!(live.iter().all(|&(other, n)| address + bytes <= other || other + n <= address));
                live.push((address, bytes));
            }
        }
        live.iter().for_each(|&(address, _)| all.release(address));
        all.empty_cache(&fake).unwrap();
        assert_eq!((fake.allocated(), all.stats().in_use, all.stats().reserved), (0, 0, 0));
    }
}
