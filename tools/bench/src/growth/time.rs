//! The time of work that this process does itself.

use std::time::Instant;

/// The number of rounds. All kinds of work take turns in each round, so that a busy machine slows down all of them.
const ROUNDS: usize = 31;
/// The number of times that a kind of work is done in a round.
const TIMES: u32 = 200;

/// Does each kind of work in turn. Returns the microseconds that each took once, by round.
pub(crate) fn time_in_turn<const KINDS: usize>(kinds: [&dyn Fn(); KINDS]) -> [Vec<f64>; KINDS] {
    let mut times = [const { Vec::new() }; KINDS];
    for _ in 0..ROUNDS {
        for (work, times) in kinds.iter().zip(&mut times) {
            let began = Instant::now();
            for _ in 0..TIMES {
                work();
            }
            times.push(began.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES));
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn each_kind_of_work_is_done_equally_often() {
        let (one, other) = (Cell::new(0), Cell::new(0));
        let count = |cell: &Cell<usize>| cell.set(cell.get() + 1);

        let times = time_in_turn([&|| count(&one), &|| count(&other)]);

        assert_eq!(times.map(|times| times.len()), [ROUNDS; 2]);
        assert_eq!(one, other);
    }
}
