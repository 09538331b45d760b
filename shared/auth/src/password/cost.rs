//! The cost of a new password hash.

/// The cost of a new Argon2id hash. The cost is never below [`HashCost::MIN`], and the hash has one Argon2 lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    memory: u32,
    passes: u32,
}

impl HashCost {
    /// The minimum cost: 19 MiB of memory and 2 passes. It is one of the configurations that OWASP recommends.
    pub const MIN: Self = Self {
        memory: 19 * 1024,
        passes: 2,
    };

    /// Returns a cost of this many KiB of memory and this many passes. Values below those of [`HashCost::MIN`] are
    /// raised to them.
    #[must_use]
    pub fn new(memory: u32, passes: u32) -> Self {
        Self {
            memory: memory.max(Self::MIN.memory),
            passes: passes.max(Self::MIN.passes),
        }
    }

    /// Returns the memory in KiB, which is also the number of Argon2 blocks.
    #[must_use]
    pub const fn memory(self) -> u32 {
        self.memory
    }

    /// Returns the number of passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }
}

impl Default for HashCost {
    fn default() -> Self {
        Self::MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_can_be_raised_and_never_lowered() {
        let raised = HashCost::new(64 * 1024, 3);
        let lowered = HashCost::new(8, 1);

        assert_eq!((raised.memory(), raised.passes()), (65_536, 3));
        assert_eq!(lowered, HashCost::MIN);
    }
}
