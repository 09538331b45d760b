//! The cost of a new password hash.

/// The cost of a new Argon2id hash: never below OWASP's first choice, and with one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    memory: u32,
    passes: u32,
}

impl HashCost {
    /// OWASP's first choice: 19 MiB of memory and 2 passes.
    pub const MIN: Self = Self {
        memory: 19 * 1024,
        passes: 2,
    };

    /// A cost of this many KiB of memory and this many passes. Values below [`HashCost::MIN`] are raised to it.
    #[must_use]
    pub fn new(memory: u32, passes: u32) -> Self {
        Self {
            memory: memory.max(Self::MIN.memory),
            passes: passes.max(Self::MIN.passes),
        }
    }

    /// The memory in KiB, which is the size of an Argon2 block.
    #[must_use]
    pub const fn memory(self) -> u32 {
        self.memory
    }

    /// The number of passes over the memory.
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
