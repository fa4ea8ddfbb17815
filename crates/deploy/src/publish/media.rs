//! What kind of content a file is, by the end of its name.

/// The content type of a file with this key. A browser and Studio show what they know; anything else is bytes.
pub(super) fn content_type(key: &str) -> &'static str {
    let name = key.rsplit('/').next().unwrap_or(key);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref().unwrap_or_default() {
        "json" | "ipynb" => "application/json",
        "py" => "text/x-python",
        "txt" | "cfg" | "ini" | "toml" | "sh" | "r" => "text/plain",
        "md" => "text/markdown",
        "csv" => "text/csv",
        "html" => "text/html",
        "yaml" | "yml" => "application/yaml",
        "xml" => "application/xml",
        "gz" | "tgz" => "application/gzip",
        "tar" => "application/x-tar",
        "zip" | "whl" => "application/zip",
        "jar" => "application/java-archive",
        "parquet" => "application/vnd.apache.parquet",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_by_the_last_extension_of_the_name() {
        for (key, expected) in [
            ("code/a/0a/train.py", "text/x-python"),
            ("code/a/0a/sourcedir.tar.gz", "application/gzip"),
            ("definitions/a/0a.json", "application/json"),
            ("A.JSON", "application/json"),
            ("code/v1.py/model", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(content_type(key), expected, "{key}");
        }
    }
}
