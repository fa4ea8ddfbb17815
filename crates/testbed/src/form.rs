//! Pairs as a form or a query carries them: `a=1&b=x%20y`.

use std::collections::BTreeMap;

/// Decodes pairs; a broken escape stays as it is, the last of two equal names wins.
pub(crate) fn parse(text: &[u8]) -> BTreeMap<String, String> {
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (decode(&pair[..end]), decode(pair.get(end + 1..).unwrap_or_default()))
        })
        .collect()
}

/// Decodes `%41` and `+`.
pub(crate) fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = tail;
        bytes.push(match (first, escaped) {
            (b'+', _) => b' ',
            (b'%', Some(byte)) => {
                rest = &tail[2..];
                byte
            }
            (other, _) => *other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
