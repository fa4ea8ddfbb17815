//! Places: URLs, S3 URIs, regions; and instance types.
//!
//! A text is held against the spelling alone: nothing is looked up, so a region or an instance type that was
//! announced yesterday is fine.

use super::spelt::spelt;

spelt! {
    /// A URL with a scheme and a host, as `https://example.org:8080/path?query#part`.
    ///
    /// It stays as it is written: nothing is resolved, escaped or added. Hold the scheme to one with a `pattern`.
    Url, "a URL", "https://example.org/path", concat!(
        "^[A-Za-z][A-Za-z0-9+.-]{0,31}://",
        r"(?:[^\x00-\x20\x7f/?#@]*@)?",
        r"(?:\[[0-9a-fA-F:.]+\]|[^\x00-\x20\x7f/?#@:\[\]]+)",
        "(?::(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?",
        r"(?:[/?#][^\x00-\x20\x7f]*)?$",
    )
}

impl Url {
    /// What stands before `://`.
    pub fn scheme(&self) -> &str {
        self.0.split_once("://").map_or("", |(scheme, _)| scheme)
    }

    /// The host with its port, without a user.
    pub fn authority(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit_once('@').map_or(authority, |(_, host)| host)
    }
}

spelt! {
    /// A place in S3: `s3://BUCKET` or `s3://BUCKET/KEY`, where the key may be a prefix.
    S3Uri, "an S3 URI", "s3://bucket/prefix", concat!(
        "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        r"(?:/[^\x00-\x1f\x7f]{0,1024})?$",
    )
}

impl S3Uri {
    /// The bucket's name: 3 to 63 characters.
    pub fn bucket(&self) -> &str {
        self.split().0
    }

    /// The key or prefix without a slash before it: up to 1,024 characters, possibly none.
    pub fn key(&self) -> &str {
        self.split().1
    }

    fn split(&self) -> (&str, &str) {
        let rest = self.0.strip_prefix("s3://").unwrap_or_default();
        rest.split_once('/').unwrap_or((rest, ""))
    }
}

spelt! {
    /// An AWS region, as `eu-central-1`.
    Region, "an AWS region", "eu-central-1", "^[a-z]{2,4}(?:-[a-z]+){1,3}-[1-9][0-9]?$"
}

spelt! {
    /// An instance type of EC2, `m5.large`, or of SageMaker, `ml.m5.large`.
    InstanceType, "an instance type", "ml.m5.xlarge", concat!(
        r"^(?:ml\.)?[a-z][a-z0-9-]*\.",
        "(?:nano|micro|small|medium|large|[1-9][0-9]{0,2}xlarge|xlarge|metal(?:-[1-9][0-9]xl)?)$",
    )
}

impl InstanceType {
    /// Family and generation: the `m5` of `ml.m5.large`.
    pub fn family(&self) -> &str {
        self.0.strip_prefix("ml.").unwrap_or(&self.0).split('.').next().unwrap_or_default()
    }

    /// The size: the `large` of `ml.m5.large`.
    pub fn size(&self) -> &str {
        self.0.rsplit('.').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    #[track_caller]
    fn check<T: FromStr>(good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(text.parse::<T>().is_ok(), "{text}");
        }
        for text in bad {
            assert!(text.parse::<T>().is_err(), "{text}");
        }
    }

    #[test]
    fn spellings() {
        check::<Url>(
            &["https://a", "http://u:p@a.b:65535/x?y#z", "s3+x://[::1]:80", "https://é.org/ü"],
            &[
                "",
                "a",
                "https://",
                "https:///x",
                "https://a:65536",
                "https://a b",
                "//a",
                "https://a\n",
                "1a://b",
            ],
        );
        check::<S3Uri>(
            &["s3://abc", "s3://abc/", "s3://a.b-c/d e/f"],
            &["s3://ab", "s3://Abc", "S3://abc", "s3://-abc", "abc", "s3:///k", "s3://abc/\n"],
        );
        check::<Region>(
            &["us-east-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1", "ap-southeast-12"],
            &["us-east", "us-east-0", "us-east-1a", "US-EAST-1", "", "us_east_1"],
        );
        check::<InstanceType>(
            &[
                "m5.large",
                "ml.m5.xlarge",
                "ml.p5.48xlarge",
                "u-6tb1.metal",
                "m7i.metal-24xl",
                "ml.g6e.12xlarge",
            ],
            &["m5", "ml.m5", "m5.huge", "m5.0xlarge", "M5.large", "ml.m5.large "],
        );
    }

    #[test]
    fn parts() {
        let uri: S3Uri = "s3://abc/d/e".parse().unwrap();
        assert_eq!((uri.bucket(), uri.key()), ("abc", "d/e"));
        let url: Url = "https://me@a.b:1/x@y".parse().unwrap();
        assert_eq!((url.scheme(), url.authority()), ("https", "a.b:1"));
        let instance: InstanceType = "ml.m5.large".parse().unwrap();
        assert_eq!((instance.family(), instance.size()), ("m5", "large"));
    }
}
