//! Keys, bare and in quotes.

use std::borrow::Cow;

use crate::tree::Origin;

use super::Reader;

/// One part of a key and where it stands.
pub(super) struct Key<'s> {
    pub(super) text: Cow<'s, str>,
    pub(super) origin: Origin,
}

impl<'s> Reader<'s> {
    /// One part of a key.
    pub(super) fn key(&mut self) -> Option<Key<'s>> {
        let start = self.at;
        let text = match self.peek()? {
            b'"' => self.quoted_key(Self::basic_string)?,
            b'\'' => self.quoted_key(Self::literal_string)?,
            _ => {
                let rest = &self.bytes[start..];
                let length = rest.iter().position(|b| !BARE[usize::from(*b)]).unwrap_or(rest.len());
                if length == 0 {
                    return None;
                }
                self.at += length;
                Cow::Borrowed(self.text.get(start..self.at)?)
            }
        };
        Some(Key { text, origin: self.origin(start, self.at) })
    }

    /// A key may be in quotes, and not in three of them.
    fn quoted_key(&mut self, string: fn(&mut Self) -> Option<Cow<'s, str>>) -> Option<Cow<'s, str>> {
        let quotes = &self.bytes[self.at..];
        let three = quotes.len() > 2 && quotes[1] == quotes[0] && quotes[2] == quotes[0];
        if three { None } else { string(self) }
    }
}

/// The bytes that a bare key is made of.
const BARE: [bool; 256] = {
    let mut bare = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        bare[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        byte += 1;
    }
    bare
};
