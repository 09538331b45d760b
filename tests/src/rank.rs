//! The rank test of Mann and Whitney: whether two samples come from the same distribution.

/// Returns the two-sided probability of a difference in rank at least as large as the one between these samples, if
/// both come from the same distribution. It uses the normal approximation with a correction for ties, so each sample
/// needs at least 20 values.
#[must_use]
pub fn rank_test<T: Copy + Ord>(one: &[T], other: &[T]) -> f64 {
    let of_one = one.iter().map(|value| (*value, true));
    let mut all: Vec<(T, bool)> = of_one.chain(other.iter().map(|value| (*value, false))).collect();
    all.sort_unstable();

    let (mut before, mut rank_sum, mut ties) = (0.0, 0.0, 0.0);
    for equal in all.chunk_by(|left, right| left.0 == right.0) {
        let size = float(equal.len());
        let rank = before + size.midpoint(1.0);
        rank_sum += rank * float(equal.iter().filter(|(_, is_of_one)| *is_of_one).count());
        ties += size * (size * size - 1.0);
        before += size;
    }

    let (m, n) = (float(one.len()), float(other.len()));
    let u = rank_sum - m * (m + 1.0) / 2.0;
    let variance = m * n / 12.0 * (m + n + 1.0 - ties / ((m + n) * (m + n - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    complementary_error((u - m * n / 2.0).abs() / (2.0 * variance).sqrt())
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

/// Returns erfc(x) for a positive x, with a relative error below 1.2e-7: a Chebyshev approximation (Press et al.,
/// Numerical Recipes, 6.2).
fn complementary_error(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        0.170_872_77,
        -0.822_152_23,
        1.488_515_87,
        -1.135_203_98,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_68,
        -1.265_512_23,
    ];
    let t = 1.0 / (1.0 + x / 2.0);
    let exponent = COEFFICIENTS.iter().fold(0.0, |sum, next| f64::mul_add(sum, t, *next));
    t * (exponent - x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The documentation of SciPy's `mannwhitneyu` has the first value, and Python's `math.erfc` gives the second.
    #[test]
    fn probabilities_are_those_of_another_implementation() {
        assert_near(rank_test(&[19, 22, 16, 29, 24], &[20, 11, 17, 12]), 0.086_411);
        assert_near(rank_test(&[1, 2, 2, 3, 3, 3], &[2, 3, 4, 4, 5, 5]), 0.039_393);
    }

    #[test]
    fn equal_samples_do_not_differ_and_the_order_of_the_samples_does_not_matter() {
        let (low, high): (Vec<u32>, Vec<u32>) = ((0..100).collect(), (60..160).collect());

        assert_near(rank_test(&low, &low), 1.0);
        assert_near(rank_test(&[7; 50], &[7; 50]), 1.0);
        assert_near(rank_test(&low, &high), rank_test(&high, &low));
        assert!(rank_test(&low, &high) < 1e-12);
    }

    #[test]
    fn a_few_outliers_are_no_difference() {
        let usual: Vec<u32> = (0..200).collect();
        let disturbed: Vec<u32> = (0..200)
            .map(|value| value + 10_000 * u32::from(value % 50 == 0))
            .collect();

        assert!(rank_test(&usual, &disturbed) > 0.5);
    }

    fn assert_near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
    }
}
