//! AWS's names → Rust's.

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};

/// `BucketName` → `bucket_name`, also for words that Rust keeps for itself.
pub(super) fn method(name: &str) -> Ident {
    ident(&name.to_snake_case())
}

/// `VPCEndpoint` → `VpcEndpoint`.
pub(super) fn type_name(name: &str) -> String {
    starting_with_letter(name.to_upper_camel_case())
}

/// `aws:kms` → `AWS_KMS`.
pub(super) fn constant(value: &str) -> String {
    // Wildcards and signs have no letters to make a name of.
    let value = match value {
        "" => "EMPTY".to_owned(),
        "*" => "ANY".to_owned(),
        other => other.to_shouty_snake_case(),
    };
    starting_with_letter(if value.is_empty() { "VALUE".to_owned() } else { value })
}

fn starting_with_letter(name: String) -> String {
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("V{name}") } else { name }
}

/// An identifier, raw where it is a keyword.
pub(super) fn ident(name: &str) -> Ident {
    if syn::parse_str::<Ident>(name).is_ok() {
        Ident::new(name, Span::call_site())
    } else if matches!(name, "self" | "Self" | "super" | "crate" | "_" | "") {
        // These can't be raw.
        Ident::new(&format!("{name}_"), Span::call_site())
    } else {
        Ident::new_raw(name, Span::call_site())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_rust() {
        for (name, expected) in [
            ("BucketName", "bucket_name"),
            ("KMSMasterKeyID", "kms_master_key_id"),
            ("Type", "r#type"),
            ("AssignIpv6AddressOnCreation", "assign_ipv6_address_on_creation"),
            ("Self", "self_"),
        ] {
            assert_eq!(method(name).to_string(), expected);
        }
        for (name, expected) in [("VPCEndpoint", "VpcEndpoint"), ("EIP", "Eip"), ("S3Key", "S3Key")] {
            assert_eq!(type_name(name), expected);
        }
        for (name, expected) in [
            ("aws:kms", "AWS_KMS"),
            ("Bits/Second", "BITS_SECOND"),
            ("GLACIER_IR", "GLACIER_IR"),
            ("*", "ANY"),
            ("", "EMPTY"),
            ("1.0", "V1_0"),
            ("%", "VALUE"),
        ] {
            assert_eq!(constant(name), expected);
        }
    }
}
