//! Whose registry an image comes from, and the login that `docker login` left for it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard::auth::DockerCredentials;
use serde_json::Value;

/// The registry of an image without one.
const HUB: &str = "https://index.docker.io/v1/";

/// The host that an image's name begins with; Docker's own where there is none.
pub(crate) fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => HUB,
    }
}

/// Whether a registry is Amazon's and gives nothing without a login.
pub(crate) fn wants_login(registry: &str) -> bool {
    registry.contains(".dkr.ecr.") || registry.contains(".dkr-ecr.")
}

/// The login for a registry, as far as there is one.
pub(crate) fn login(registry: &str) -> Option<DockerCredentials> {
    let folder = std::env::var_os("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".docker")));
    let text = std::fs::read(folder?.join("config.json")).ok()?;
    let config: Value = serde_json::from_slice(&text).ok()?;
    if let Some(helper) = helper(&config, registry) {
        return from_helper(&helper, registry);
    }
    from_config(&config, registry)
}

/// The program that knows the login, where there is one.
fn helper(config: &Value, registry: &str) -> Option<String> {
    let named = config["credHelpers"][registry].as_str();
    named.or_else(|| config["credsStore"].as_str()).filter(|name| !name.is_empty()).map(str::to_owned)
}

fn from_helper(helper: &str, registry: &str) -> Option<DockerCredentials> {
    let mut child = Command::new(format!("docker-credential-{helper}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(registry.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    if !output.status.success() {
        return None;
    }
    let answer: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(credentials(answer["Username"].as_str()?, answer["Secret"].as_str()?, registry))
}

fn from_config(config: &Value, registry: &str) -> Option<DockerCredentials> {
    let with_scheme = format!("https://{registry}");
    let entry = [registry, &with_scheme].into_iter().find_map(|name| config["auths"].get(name))?;
    let both = STANDARD.decode(entry["auth"].as_str()?).ok()?;
    let both = String::from_utf8(both).ok()?;
    let (user, password) = both.split_once(':')?;
    Some(credentials(user, password.trim_end_matches('\0'), registry))
}

fn credentials(user: &str, password: &str, registry: &str) -> DockerCredentials {
    let mut all =
        DockerCredentials { serveraddress: Some(registry.to_owned()), ..DockerCredentials::default() };
    if user == "<token>" {
        all.identitytoken = Some(password.to_owned());
    } else {
        (all.username, all.password) = (Some(user.to_owned()), Some(password.to_owned()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_of_images() {
        #[track_caller]
        fn check(image: &str, expected: &str, is_closed: bool) {
            assert_eq!((registry(image), wants_login(registry(image))), (expected, is_closed));
        }
        check("python:3", HUB, false);
        check("library/python", HUB, false);
        check("localhost/x", "localhost", false);
        check("host:5000/x:1", "host:5000", false);
        check("public.ecr.aws/x/y", "public.ecr.aws", false);
        let own = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
        check(&format!("{own}/a/b:1"), own, true);
        check("1.dkr.ecr.cn-north-1.amazonaws.com.cn/a", "1.dkr.ecr.cn-north-1.amazonaws.com.cn", true);
    }

    #[test]
    fn logins_of_a_configuration() {
        let config = serde_json::json!({
            "auths": { "a.example": { "auth": STANDARD.encode("AWS:secret:x") }, "https://b.example": { "auth": "?" }, "c.example": {} },
            "credHelpers": { "d.example": "ecr-login" },
        });
        let found = from_config(&config, "a.example").unwrap();
        assert_eq!((found.username.as_deref(), found.password.as_deref()), (Some("AWS"), Some("secret:x")));
        for other in ["b.example", "c.example", "e.example"] {
            assert_eq!(from_config(&config, other), None, "{other}");
        }
        assert_eq!(helper(&config, "d.example").as_deref(), Some("ecr-login"));
        assert_eq!(helper(&config, "a.example"), None);
        assert_eq!(from_helper("that-nobody-has", "d.example"), None);
    }
}
