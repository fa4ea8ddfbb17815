//! Rust's names for SageMaker's.

use heck::{ToShoutySnakeCase, ToSnakeCase};
use proc_macro2::Ident;
use quote::format_ident;

/// `S3DataType` → `s3_data_type`.
pub(super) fn method(name: &str) -> Ident {
    let snake = words(name).to_snake_case();
    match syn::parse_str::<Ident>(&snake) {
        Ok(ident) => ident,
        // `type`, `match`: keywords; `self` can't be raw.
        Err(_) if snake == "self" => format_ident!("self_"),
        Err(_) => format_ident!("r#{snake}"),
    }
}

/// `ml.m5.large` → `ML_M5_LARGE`.
pub(super) fn constant(value: &str) -> Ident {
    let shouty: String = words(value)
        .to_shouty_snake_case()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if shouty.starts_with(|c: char| c.is_ascii_digit()) || shouty.is_empty() {
        format_ident!("_{shouty}")
    } else {
        format_ident!("{shouty}")
    }
}

/// `ProcessingS3Input` → `PROCESSING_S3_INPUT`.
pub(super) fn table(name: &str) -> Ident {
    format_ident!("{}", words(name).to_shouty_snake_case())
}

pub(super) fn type_name(name: &str) -> Ident {
    format_ident!("{name}")
}

/// Keeps words together that the API's spelling pulls apart: `VolumeSizeInGB`, `MIMETypes`, `VpcIDs`.
fn words(name: &str) -> String {
    [("IDs", "Ids"), ("URIs", "Uris"), ("ARNs", "Arns")]
        .iter()
        .fold(name.to_owned(), |n, (a, b)| n.replace(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling() {
        for (api, rust) in [
            ("S3DataType", "s3_data_type"),
            ("VolumeSizeInGB", "volume_size_in_gb"),
            ("SupportedResponseMIMETypes", "supported_response_mime_types"),
            ("KmsKeyId", "kms_key_id"),
            ("Type", "r#type"),
        ] {
            assert_eq!(method(api).to_string(), rust);
        }
        for (value, rust) in [
            ("ml.m5.large", "ML_M5_LARGE"),
            ("S3Prefix", "S3_PREFIX"),
            ("None", "NONE"),
            ("3.7", "_3_7"),
            ("gzip", "GZIP"),
        ] {
            assert_eq!(constant(value).to_string(), rust);
        }
    }
}
