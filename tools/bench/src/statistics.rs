//! Medians, quantiles, and the spread of a figure over rounds.

use std::fmt;

/// Returns the value below which this share of the values lies, or zero if there are no values.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let place = (last as f64 * share).round() as usize;
    sorted.get(place).copied().unwrap_or_default()
}

/// Returns the median, or zero if there are no values.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// A figure that was measured once per round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// The median of the rounds' figures.
    pub(crate) median: f64,
    /// The lowest figure of a round.
    pub(crate) low: f64,
    /// The highest figure of a round.
    pub(crate) high: f64,
}

impl Spread {
    /// Returns the spread of the figures of all rounds.
    pub(crate) fn new(rounds: &[f64]) -> Self {
        Self {
            median: median(rounds),
            low: quantile(rounds, 0.0),
            high: quantile(rounds, 1.0),
        }
    }

    /// Divides one figure by another in each round, and returns the spread of the ratios.
    pub(crate) fn of_ratios(rounds: &[f64], base: &[f64]) -> Self {
        let ratios: Vec<f64> = rounds.iter().zip(base).map(|(one, other)| one / other).collect();
        Self::new(&ratios)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, low, high } = self;
        // A figure that hardly differs between rounds needs no range.
        if high - low < 0.005 {
            return write!(formatter, "{median:.2}");
        }
        write!(formatter, "{median:.2} ({low:.2}-{high:.2})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let values = [4.0, 1.0, 3.0, 5.0, 2.0];

        let quantiles = [0.0, 0.5, 0.9, 1.0].map(|share| quantile(&values, share).to_string());

        assert_eq!(quantiles, ["1", "3", "5", "5"]);
    }

    #[test]
    fn without_values_a_quantile_is_zero() {
        assert_eq!(quantile(&[], 0.5).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        // The machine was twice as slow in the second round, for both.
        let spread = Spread::of_ratios(&[3.0, 6.0, 3.3], &[2.0, 4.0, 2.0]);

        assert_eq!(spread.to_string(), "1.50 (1.50-1.65)");
    }

    #[test]
    fn a_figure_that_does_not_move_has_no_range() {
        assert_eq!(Spread::new(&[1.5, 1.5, 1.501]).to_string(), "1.50");
    }
}
