//! The order in which contenders take turns.

/// Returns the order of `count` contenders, given by their indexes, in one round: `0..count`, rotated to the left by
/// `turn`. Over `count` consecutive rounds, each contender takes each place exactly once.
pub(crate) fn rotate(count: usize, turn: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |place| (place + turn) % count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_turn_begins_with_the_next_contender() {
        let turns = [0, 1, 2, 3].map(|turn| rotate(3, turn).collect::<Vec<_>>());

        assert_eq!(turns, [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]]);
    }

    #[test]
    fn every_contender_takes_every_place_equally_often() {
        let mut places = [[0; 4]; 4];
        for turn in 0..4 {
            for (place, contender) in rotate(4, turn).enumerate() {
                places[contender][place] += 1;
            }
        }

        assert_eq!(places, [[1; 4]; 4]);
    }
}
