//! The memory for hashing, which is reused by all hashes.

use std::fmt;

use argon2::{Block, Error};
use zeroize::Zeroize as _;

/// Blocks of 1 KiB for Argon2. Allocating them for each hash would cause page faults each time, and the memory of the
/// process could grow.
#[derive(Default)]
pub(crate) struct Scratch(Vec<Block>);

impl Scratch {
    /// Returns this many blocks. Their content is arbitrary: Argon2 writes each block before it reads it.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub(crate) fn blocks(&mut self, count: usize) -> Result<&mut [Block], Error> {
        let Self(blocks) = self;
        blocks
            .try_reserve_exact(count.saturating_sub(blocks.len()))
            .map_err(|_| Error::OutOfMemory)?;
        if blocks.len() < count {
            blocks.resize(count, Block::new());
        }
        blocks.get_mut(..count).ok_or(Error::OutOfMemory)
    }

    /// Wipes all blocks, which contain traces of a password, and frees all but `usual` of them.
    pub(crate) fn tidy(&mut self, usual: u32) {
        let Self(blocks) = self;
        let usual = usize::try_from(usual).unwrap_or(usize::MAX);
        blocks.iter_mut().zeroize();
        blocks.truncate(usual);
        blocks.shrink_to(usual);
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scratch({} KiB)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_kept_from_one_hash_to_the_next() {
        let mut scratch = Scratch::default();

        let first = scratch.blocks(64).unwrap().as_ptr();
        scratch.tidy(64);
        let second = scratch.blocks(64).unwrap().as_ptr();

        assert_eq!(first, second);
    }

    #[test]
    fn it_is_wiped_and_returns_to_its_usual_size() {
        let mut scratch = Scratch::default();
        for block in scratch.blocks(64).unwrap() {
            block.as_mut().fill(7);
        }

        scratch.tidy(16);

        assert_eq!((scratch.0.len(), scratch.0.capacity()), (16, 16));
        assert!(scratch.0.iter().flat_map(AsRef::<[u64]>::as_ref).all(|word| *word == 0));
    }

    #[test]
    fn memory_that_is_not_there_is_an_error_and_no_abort() {
        let mut scratch = Scratch::default();

        let outcome = scratch.blocks(usize::MAX);

        assert_eq!(outcome.map(|_| ()), Err(Error::OutOfMemory));
    }
}
