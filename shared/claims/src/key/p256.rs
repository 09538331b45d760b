//! The equation of the curve P-256 (NIST SP 800-186 s3.2.1.3).
//!
//! `ring` checks a point only when it verifies a signature or performs a key agreement, but an invalid key should be
//! detected when it is parsed. No signature depends on this check, and the numbers are public, so it is simple and not
//! in constant time.

/// The prime of the field: 2^256 - 2^224 + 2^192 + 2^96 - 1.
const PRIME: Number = Number {
    high: 0xffff_ffff_0000_0001_0000_0000_0000_0000,
    low: 0x0000_0000_ffff_ffff_ffff_ffff_ffff_ffff,
};
/// The coefficient `b` of the curve.
const B: Number = Number {
    high: 0x5ac6_35d8_aa3a_93e7_b3eb_bd55_7698_86bc,
    low: 0x651d_06b0_cc53_b0f6_3bce_3c3e_27d2_604b,
};

/// Returns whether the point with these coordinates, big-endian, is on the curve: `y^2 = x^3 - 3x + b`.
pub(super) fn is_on_curve(x: [u8; 32], y: [u8; 32]) -> bool {
    let [x, y] = [x, y].map(Number::from_be_bytes);
    x < PRIME && y < PRIME && y.multiply(y).add(x).add(x).add(x) == x.multiply(x).multiply(x).add(B)
}

/// A number of 256 bits. The first field is compared first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Number {
    high: u128,
    low: u128,
}

impl Number {
    const ZERO: Self = Self { high: 0, low: 0 };

    fn from_be_bytes(bytes: [u8; 32]) -> Self {
        let read = |half: &[u8]| {
            half.iter()
                .fold(0, |number: u128, byte| number << 8 | u128::from(*byte))
        };
        let (high, low) = bytes.split_at(16);
        Self {
            high: read(high),
            low: read(low),
        }
    }

    /// Returns the product modulo the prime. It is built by doubling and adding, from the highest bit of `other` on.
    fn multiply(self, other: Self) -> Self {
        let bits = [other.high, other.low].into_iter().flat_map(bits);
        bits.fold(Self::ZERO, |product, bit| {
            let doubled = product.add(product);
            if bit { doubled.add(self) } else { doubled }
        })
    }

    /// Returns the sum of two numbers below the prime, modulo the prime.
    fn add(self, other: Self) -> Self {
        let room = PRIME.minus(other);
        if self < room {
            self.plus(other)
        } else {
            self.minus(room)
        }
    }

    const fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        let high = self.high.wrapping_add(other.high);
        Self {
            high: if carry { high.wrapping_add(1) } else { high },
            low,
        }
    }

    const fn minus(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        let high = self.high.wrapping_sub(other.high);
        Self {
            high: if borrow { high.wrapping_sub(1) } else { high },
            low,
        }
    }
}

/// Returns the bits of a number, the highest first.
fn bits(number: u128) -> impl Iterator<Item = bool> {
    (0..u128::BITS)
        .rev()
        .map(move |place| number.wrapping_shr(place) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
    use ring::{
        agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
        rand::SystemRandom,
    };

    use super::*;

    /// `ring` checks a point before a key agreement.
    fn ring_accepts(x: [u8; 32], y: [u8; 32]) -> bool {
        let private = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let point = UnparsedPublicKey::new(&ECDH_P256, [&[4], &x[..], &y].concat());
        agree_ephemeral(private, &point, |_| ()).is_ok()
    }

    #[test]
    fn the_verdict_on_every_point_is_that_of_ring() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..200 {
            let (x, y) = point();
            let mut other = [0; 32];
            rng.fill_bytes(&mut other);
            let place = usize::try_from(rng.next_u32() % 32).unwrap();
            let mut changed = y;
            changed[place] ^= 1 << (rng.next_u32() % 8);

            assert!(is_on_curve(x, y) && is_on_curve(x, negative(y)), "{x:?} {y:?}");
            for (x, y) in [
                (x, y),
                (x, negative(y)),
                (y, x),
                (x, other),
                (other, y),
                (x, changed),
                (changed, y),
            ] {
                assert_eq!(is_on_curve(x, y), ring_accepts(x, y), "{x:?} {y:?}");
            }
        }
    }

    /// Coordinates at the limits of the field and of the halves in which numbers are stored.
    #[test]
    fn the_verdict_at_the_limits_is_that_of_ring() {
        let prime = bytes(PRIME);
        let half = |byte: u8| [[0; 16], [byte; 16]].concat().try_into().unwrap();
        let below = bytes(PRIME.minus(Number { high: 0, low: 1 }));
        let above = bytes(PRIME.plus(Number { high: 0, low: 1 }));
        let limits = [[0; 32], [0xff; 32], half(0xff), half(1), prime, below, above, bytes(B)];

        for x in limits {
            for y in limits {
                assert_eq!(is_on_curve(x, y), ring_accepts(x, y), "{x:?} {y:?}");
            }
        }
    }

    /// The point with `x = 0` has the square root of `b` as `y`. The same `y` plus the prime is not a coordinate.
    #[test]
    fn a_coordinate_is_below_the_prime() {
        let root = Number {
            high: 0x6648_5c78_0e2f_83d7_2433_bd5d_84a0_6bb6,
            low: 0x541c_2af3_1dae_8717_28bf_856a_174f_93f4,
        };

        assert!(is_on_curve([0; 32], bytes(root)) && ring_accepts([0; 32], bytes(root)));
        assert!(!is_on_curve(bytes(PRIME), bytes(root)) && !ring_accepts(bytes(PRIME), bytes(root)));
    }

    /// Returns a point of the curve, which is a new public key.
    fn point() -> ([u8; 32], [u8; 32]) {
        let private = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let public = private.compute_public_key().unwrap();
        let (x, y) = public.as_ref()[1..].split_at(32);
        (x.try_into().unwrap(), y.try_into().unwrap())
    }

    fn negative(y: [u8; 32]) -> [u8; 32] {
        bytes(PRIME.minus(Number::from_be_bytes(y)))
    }

    fn bytes(number: Number) -> [u8; 32] {
        let halves = [number.high.to_be_bytes(), number.low.to_be_bytes()];
        halves.concat().try_into().unwrap()
    }
}
