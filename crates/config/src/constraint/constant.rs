//! What the compiler decides about constraints that name constants.

use super::{Choice, Constraints, Number};

/// -1, 0 or 1 as the first number is less than, equal to or greater than the second.
const fn order(a: Number, b: Number) -> i8 {
    match (a, b) {
        (Number::Nanoseconds(a), Number::Nanoseconds(b)) => sign(a, b),
        (a, b) => {
            if let (Some(a), Some(b)) = (a.whole(), b.whole()) {
                return sign(a, b);
            }
            let (a, b) = (a.float(), b.float());
            (a > b) as i8 - (a < b) as i8
        }
    }
}

const fn sign(a: i128, b: i128) -> i8 {
    (a > b) as i8 - (a < b) as i8
}

impl Constraints {
    /// Whether a number keeps the bounds; multiples of fractions and patterns are left to the reading.
    pub const fn admits(&self, n: Number) -> bool {
        if let Some(ge) = self.ge
            && order(n, ge) < 0
        {
            return false;
        }
        if let Some(gt) = self.gt
            && order(n, gt) <= 0
        {
            return false;
        }
        if let Some(le) = self.le
            && order(n, le) > 0
        {
            return false;
        }
        if let Some(lt) = self.lt
            && order(n, lt) >= 0
        {
            return false;
        }
        if let (Some(Number::Integer(step)), Number::Integer(n)) = (self.multiple_of, n)
            && (step == 0 || n % step != 0)
        {
            return false;
        }
        let mut i = 0;
        while i < self.choices.len() {
            if let Choice::Number(choice) = self.choices[i]
                && order(choice, n) == 0
            {
                return true;
            }
            i += 1;
        }
        self.choices.is_empty()
    }

    /// Whether some value keeps both sides of the bounds and of the lengths.
    pub const fn has_a_value(&self) -> bool {
        if let (Some(min), Some(max)) = (self.min_length, self.max_length)
            && min > max
        {
            return false;
        }
        let (lower, strictly_above) = match (self.ge, self.gt) {
            (Some(ge), _) => (ge, false),
            (None, Some(gt)) => (gt, true),
            (None, None) => return true,
        };
        let (upper, strictly_below) = match (self.le, self.lt) {
            (Some(le), _) => (le, false),
            (None, Some(lt)) => (lt, true),
            (None, None) => return true,
        };
        match order(lower, upper) {
            -1 => true,
            0 => !strictly_above && !strictly_below,
            _ => false,
        }
    }

    /// Whether a length keeps `min_length` and `max_length`.
    pub const fn admits_length(&self, length: usize) -> bool {
        if let Some(min) = self.min_length
            && length < min
        {
            return false;
        }
        if let Some(max) = self.max_length
            && length > max
        {
            return false;
        }
        true
    }
}
