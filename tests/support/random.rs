//! Random variants of samples, the same in every run. Tests of crates that `support` depends on include this file.

/// Marsaglia's xorshift generator.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// A number below `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % end.max(1)
    }

    fn pick<'a>(&mut self, items: &[&'a [u8]]) -> &'a [u8] {
        items[self.below(items.len())]
    }

    fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        start..start + self.below((len - start).min(40) + 1)
    }

    /// A sample with up to six changes: bytes and ranges replaced, removed, repeated, and taken from other samples or from `words`.
    pub(crate) fn variant(&mut self, samples: &[&[u8]], words: &[&[u8]]) -> Vec<u8> {
        let mut bytes = self.pick(samples).to_vec();
        for _ in 0..self.below(7) {
            let range = self.range(bytes.len());
            let new = match self.below(6) {
                0 => Vec::new(),
                1 => vec![u8::try_from(self.below(256)).unwrap_or_default()],
                2 => bytes[range.clone()].repeat(2),
                3 => {
                    let other = self.pick(samples);
                    other[self.range(other.len())].to_vec()
                }
                _ => self.pick(words).to_vec(),
            };
            bytes.splice(range, new);
        }
        bytes
    }
}
