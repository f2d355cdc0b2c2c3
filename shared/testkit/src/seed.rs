//! Chance that is the same on every run.

/// A generator of numbers that depend on its seed alone (the `SplitMix64` recurrence).
#[derive(Debug, Clone)]
pub struct Seed(u64);

impl Seed {
    /// Starts a sequence.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Whether an event of this probability happens, in thousandths.
    pub const fn happens(&mut self, per_mille: u64) -> bool {
        self.next() % 1_000 < per_mille
    }

    /// The next 32 bytes.
    pub fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for chunk in bytes.chunks_exact_mut(8) {
            chunk.copy_from_slice(&self.next().to_be_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence_and_another_seed_another() {
        let (mut first, mut second, mut other) = (Seed::new(1), Seed::new(1), Seed::new(2));
        let numbers: Vec<u64> = (0..4).map(|_| first.next()).collect();
        assert_eq!(numbers, (0..4).map(|_| second.next()).collect::<Vec<_>>());
        assert_ne!(numbers, (0..4).map(|_| other.next()).collect::<Vec<_>>());
        assert_eq!(first.bytes(), second.bytes());
    }

    #[test]
    fn an_event_happens_about_as_often_as_told() {
        let mut seed = Seed::new(7);
        let times = (0..10_000).filter(|_| seed.happens(250)).count();
        assert!((2_300..2_700).contains(&times), "{times}");
        assert!(!(0..1_000).any(|_| seed.happens(0)));
        assert!((0..1_000).all(|_| seed.happens(1_000)));
    }
}
