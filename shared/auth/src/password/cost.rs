//! What a new password hash costs.

/// The cost of a new hash in Argon2id: never below OWASP's first choice, and in one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    memory: u32,
    passes: u32,
}

impl HashCost {
    /// OWASP's first choice: 19 MiB, twice.
    pub const MIN: Self = Self {
        memory: 19 * 1024,
        passes: 2,
    };

    /// This many KiB of memory, gone over this many times; what is less than [`HashCost::MIN`] counts as that.
    #[must_use]
    pub fn new(memory: u32, passes: u32) -> Self {
        Self {
            memory: memory.max(Self::MIN.memory),
            passes: passes.max(Self::MIN.passes),
        }
    }

    /// The memory in KiB, which are Argon2's blocks.
    #[must_use]
    pub const fn memory(self) -> u32 {
        self.memory
    }

    /// How often the memory is gone over.
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
