//! How a large file is cut into parts.

/// Files of this size and more are sent in parts; it is also the size of a part, while 10,000 of them hold the file.
pub const PART: u64 = 16 * MIB;

/// The most parts that S3 takes for an object.
const PARTS_LIMIT: u64 = 10_000;

const MIB: u64 = 1024 * 1024;

/// A file's parts: all of one size, but for the last one.
///
/// The same file is cut in the same way every time: parts that were sent before are found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    size: u64,
    part: u64,
}

impl Layout {
    /// The parts of a file of this size.
    pub(super) fn of(size: u64) -> Self {
        let part = size.div_ceil(PARTS_LIMIT).next_multiple_of(MIB).max(PART);
        Self { size, part }
    }

    /// How many there are.
    pub(super) fn count(self) -> u64 {
        self.size.div_ceil(self.part).max(1)
    }

    /// Where a part begins. Parts are counted from 1.
    pub(super) fn offset(self, number: u64) -> u64 {
        (number - 1) * self.part
    }

    /// How long a part is; 0 for one that there is none of.
    pub(super) fn length(self, number: u64) -> u64 {
        if number == 0 {
            return 0;
        }
        self.size.saturating_sub(self.offset(number)).min(self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(size: u64, part: u64, count: u64, last: u64) {
        let layout = Layout::of(size);
        assert_eq!((layout.part, layout.count()), (part, count), "{size}");
        assert_eq!(layout.length(count), last, "{size}");
        assert_eq!((1..=count).map(|number| layout.length(number)).sum::<u64>(), size);
        assert_eq!((layout.length(0), layout.length(count + 1)), (0, 0));
    }

    #[test]
    fn parts_hold_the_file_and_are_never_too_many() {
        check(PART, PART, 1, PART);
        check(PART + 1, PART, 2, 1);
        check(5 * 1024 * MIB, PART, 320, PART);
        check(160_000 * MIB, PART, 10_000, PART);
        check(160_000 * MIB + 1, 17 * MIB, 9_412, 13 * MIB + 1);
        check(5 * 1024 * 1024 * MIB, 525 * MIB, 9_987, 230 * MIB);
    }
}
