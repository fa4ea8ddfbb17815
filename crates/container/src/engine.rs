//! Finds the container engine: Docker, or Podman, whose service speaks the same protocol.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bollard::{API_DEFAULT_VERSION, Docker};

/// How long an engine has to say what it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a request may take, in seconds. Waiting for a container is one, and a day is SageMaker's longest without being asked.
const LONGEST: u64 = 30 * 24 * 60 * 60;

/// An engine that answers.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) docker: Docker,
    /// What and where it is, for messages.
    pub(crate) name: String,
    /// Root in its containers is the user that it runs as.
    pub(crate) is_rootless: bool,
}

impl Engine {
    /// The first one that answers.
    pub(crate) async fn connect() -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let addresses = addresses(&variable, rustix::process::getuid().as_raw());
        let mut refusals = Vec::new();
        for address in &addresses {
            match tokio::time::timeout(PATIENCE, Self::at(address)).await {
                Ok(Ok(engine)) => return Ok(engine),
                Ok(Err(error)) => refusals.push(format!("{address} ({error:#})")),
                Err(_) => {
                    refusals.push(format!("{address} (no answer within {} seconds)", PATIENCE.as_secs()));
                }
            }
        }
        bail!(
            "no container engine answers at {}: start Docker, or Podman's service (`systemctl --user start \
             podman.socket`), or say in DOCKER_HOST where it is",
            refusals.join(", ")
        )
    }

    async fn at(address: &str) -> Result<Self> {
        let docker = if let Some(path) = address.strip_prefix("unix://") {
            if !Path::new(path).exists() {
                bail!("there is no such socket");
            }
            Docker::connect_with_unix(path, LONGEST, API_DEFAULT_VERSION)
        } else if address.starts_with("tcp://") || address.starts_with("http://") {
            if std::env::var_os("DOCKER_TLS_VERIFY").is_some_and(|value| !value.is_empty()) {
                bail!("TLS is not spoken here: use a socket");
            }
            Docker::connect_with_http(address, LONGEST, API_DEFAULT_VERSION)
        } else {
            bail!("only unix:// and tcp:// are spoken here");
        };
        let docker = docker.context("can't connect")?.negotiate_version().await.map_err(plain)?;
        let about = docker.info().await.map_err(plain)?;
        let options = about.security_options.unwrap_or_default();
        let version = about.server_version.unwrap_or_default();
        let is_podman = docker.version().await.is_ok_and(|version| {
            let parts = version.components.unwrap_or_default();
            parts.iter().any(|part| part.name.starts_with("Podman"))
        });
        Ok(Self {
            docker,
            name: format!("{} {version} at {address}", if is_podman { "Podman" } else { "Docker" }),
            is_rootless: options.iter().any(|option| option.contains("name=rootless")),
        })
    }
}

/// What lies behind an error of the connection: its own text says only that there was one.
pub(crate) fn plain(error: bollard::errors::Error) -> anyhow::Error {
    let error = anyhow::Error::new(error);
    let root = error.root_cause().to_string();
    anyhow::anyhow!(root)
}

/// Where engines are looked for. One that was named is the only one.
fn addresses(variable: &dyn Fn(&str) -> Option<String>, user: u32) -> Vec<String> {
    if let Some(address) = variable("DOCKER_HOST").or_else(|| variable("CONTAINER_HOST")) {
        return vec![address];
    }
    let runtime = variable("XDG_RUNTIME_DIR").unwrap_or_else(|| format!("/run/user/{user}"));
    let mut sockets = vec![PathBuf::from("/var/run/docker.sock"), Path::new(&runtime).join("docker.sock")];
    sockets.extend(variable("HOME").map(|home| Path::new(&home).join(".docker/run/docker.sock")));
    sockets.push(Path::new(&runtime).join("podman/podman.sock"));
    sockets.push(PathBuf::from("/run/podman/podman.sock"));
    let there: Vec<String> = sockets
        .iter()
        .filter(|path| path.exists())
        .map(|path| format!("unix://{}", path.display()))
        .collect();
    if there.is_empty() { vec!["unix:///var/run/docker.sock".to_owned()] } else { there }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_was_named_is_the_only_one() {
        let variable = |name: &str| (name == "DOCKER_HOST").then(|| "tcp://127.0.0.1:1".to_owned());
        assert_eq!(addresses(&variable, 0), ["tcp://127.0.0.1:1"]);
    }

    #[test]
    fn sockets_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let podman = folder.path().join("podman/podman.sock");
        std::fs::create_dir(podman.parent().unwrap()).unwrap();
        std::fs::write(&podman, "").unwrap();
        let path = folder.path().display().to_string();
        let variable = |name: &str| (name == "XDG_RUNTIME_DIR").then(|| path.clone());
        assert!(addresses(&variable, 0).contains(&format!("unix://{}", podman.display())));
    }
}
