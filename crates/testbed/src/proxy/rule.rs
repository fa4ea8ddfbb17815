//! Which request a fault is for.

use super::Trouble;
use crate::random::Random;

/// How often a rule strikes among the requests that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Every one.
    Always,
    /// Only the nth, counted from 1.
    Nth(u64),
    /// The first so many.
    First(u64),
    /// Every nth.
    Every(u64),
    /// By chance, in thousandths.
    Chance(u32),
}

/// A fault and the requests it is for.
#[derive(Debug, Clone)]
pub struct Rule {
    pub(super) trouble: Trouble,
    how: How,
    method: Option<String>,
    path: Option<String>,
    action: Option<String>,
    matched: u64,
}

impl Rule {
    /// A fault for every request.
    pub fn new(trouble: Trouble, how: How) -> Self {
        Self { trouble, how, method: None, path: None, action: None, matched: 0 }
    }

    /// Only for one API action: `ExecuteChangeSet`, `PutObject`, `UploadPart`.
    pub fn action(mut self, name: impl Into<String>) -> Self {
        self.action = Some(name.into());
        self
    }

    /// Only for paths (with query) that contain this text.
    pub fn path(mut self, part: impl Into<String>) -> Self {
        self.path = Some(part.into());
        self
    }

    /// Only for one HTTP method.
    pub fn method(mut self, name: impl Into<String>) -> Self {
        self.method = Some(name.into());
        self
    }

    /// Whether the rule strikes this request; counts it if it matches.
    pub(super) fn applies(&mut self, method: &str, path: &str, action: &str, random: &mut Random) -> bool {
        let fits = self.method.as_ref().is_none_or(|wanted| wanted == method)
            && self.path.as_ref().is_none_or(|wanted| path.contains(wanted.as_str()))
            && self.action.as_ref().is_none_or(|wanted| wanted == action);
        if !fits {
            return false;
        }
        self.matched += 1;
        match self.how {
            How::Always => true,
            How::Nth(number) => self.matched == number,
            How::First(count) => self.matched <= count,
            How::Every(number) => number > 0 && self.matched.is_multiple_of(number),
            How::Chance(thousandths) => random.chance(thousandths),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(how: How, expected: &str) {
        let mut rule = Rule::new(Trouble::DropBefore, how).action("PutObject");
        let mut random = Random::new(7);
        let struck: String = (0..6)
            .map(|_| {
                assert!(!rule.applies("GET", "/b/k", "GetObject", &mut random), "another action");
                if rule.applies("PUT", "/b/k", "PutObject", &mut random) { 'x' } else { '.' }
            })
            .collect();
        assert_eq!(struck, expected, "{how:?}");
    }

    #[test]
    fn strikes_as_often_as_it_says() {
        check(How::Always, "xxxxxx");
        check(How::Nth(3), "..x...");
        check(How::First(2), "xx....");
        check(How::Every(2), ".x.x.x");
        check(How::Chance(0), "......");
        check(How::Chance(1000), "xxxxxx");
    }
}
