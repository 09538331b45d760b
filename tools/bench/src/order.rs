//! The order in which contenders take turns.

use rand::{SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};

/// Returns a random order of `count` contenders, given by their indexes. It depends on `turn` alone. A program leaves the
/// processor's caches in a state that its successor meets, so no contender has the same predecessor in every turn.
pub(crate) fn shuffle(count: usize, turn: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut StdRng::seed_from_u64(turn as u64));
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_contender_takes_every_turn_once() {
        for turn in 0..20 {
            let mut order = shuffle(5, turn);
            order.sort_unstable();

            assert_eq!(order, [0, 1, 2, 3, 4]);
        }
    }

    #[test]
    fn no_contender_often_follows_the_same_one() {
        let mut pairs = BTreeMap::new();
        for turn in 0..400 {
            for pair in shuffle(5, turn).windows(2) {
                *pairs.entry(pair.to_vec()).or_insert(0) += 1;
            }
        }

        // Each of the 20 pairs is expected 80 times.
        assert!(
            pairs.len() == 20 && pairs.values().all(|times| *times < 120),
            "{pairs:?}"
        );
    }
}
