//! Many strings in one allocation.

/// Packed bytes with offsets; at most 4 GiB.
#[derive(Clone, PartialEq, Eq)]
pub struct Strings {
    bytes: String,
    // one more than there are strings; the first is 0
    offsets: Vec<u32>,
}

impl Default for Strings {
    fn default() -> Self {
        Strings {
            bytes: String::new(),
            offsets: vec![0],
        }
    }
}

impl Strings {
    /// `None` when the offsets do not rise from 0 to the end along character boundaries.
    pub fn from_parts(bytes: String, offsets: Vec<u32>) -> Option<Self> {
        let rising = offsets.first() == Some(&0)
            && offsets
                .last()
                .is_some_and(|end| *end as usize == bytes.len())
            && offsets.windows(2).all(|w| w[0] <= w[1])
            && (bytes.is_ascii()
                || offsets
                    .iter()
                    .all(|at| bytes.is_char_boundary(*at as usize)));
        rising.then_some(Strings { bytes, offsets })
    }

    /// Number of strings.
    #[inline]
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are no strings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A string by its place; empty past the end.
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(from), Some(to)) => self.bytes.get(*from as usize..*to as usize).unwrap_or(""),
            _ => "",
        }
    }

    /// The bytes of a string, without the checks that a `str` costs.
    #[inline]
    pub fn get_bytes(&self, at: usize) -> &[u8] {
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(from), Some(to)) => self
                .bytes
                .as_bytes()
                .get(*from as usize..*to as usize)
                .unwrap_or(&[]),
            _ => &[],
        }
    }

    /// All strings in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        (0..self.len()).map(|at| self.get(at))
    }

    /// The packed bytes of all strings.
    pub fn bytes(&self) -> &str {
        &self.bytes
    }

    /// Where each string begins, and the end of the last.
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// Appends a string; false (and nothing appended) where 4 GiB would be passed.
    pub fn push(&mut self, text: &str) -> bool {
        match u32::try_from(self.bytes.len() + text.len()) {
            Ok(end) => {
                self.bytes.push_str(text);
                self.offsets.push(end);
                true
            }
            Err(_) => false,
        }
    }

    pub(crate) fn with_capacity(strings: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(strings + 1);
        offsets.push(0);
        Strings {
            bytes: String::with_capacity(bytes),
            offsets,
        }
    }

    /// Appends all strings of another; false (and nothing appended) where 4 GiB would be passed.
    pub(crate) fn extend(&mut self, other: &Strings) -> bool {
        if u32::try_from(self.bytes.len() + other.bytes.len()).is_err() {
            return false;
        }
        let base = self.bytes.len() as u32;
        self.bytes.push_str(&other.bytes);
        self.offsets
            .extend(other.offsets.iter().skip(1).map(|at| base + at));
        true
    }

    pub(crate) fn truncate(&mut self, strings: usize) {
        if strings < self.len() {
            self.offsets.truncate(strings + 1);
            self.bytes
                .truncate(self.offsets.last().map_or(0, |end| *end as usize));
        }
    }

    pub(crate) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.offsets.shrink_to_fit();
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + self.offsets.capacity() * 4
    }
}

/// In the safe form, as all tenant text.
impl std::fmt::Debug for Strings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.iter().map(crate::Txt::new))
            .finish()
    }
}
