//! What is to be run, and what the engine is told of it.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::PathBuf;

use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType, PortBinding};
use serde::Deserialize;

/// The label of all containers that this program makes: who watches over them.
pub(crate) const OWNER: &str = "pipewright.owner";

/// Size of `/dev/shm` in bytes: 2 GiB. Engines give 64 MiB, too little for programs that load data in several processes.
const SHARED_MEMORY: i64 = 2 << 30;

/// A task, as `pipewright-local` puts it.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Order {
    /// The run's id: the label `pipewright.run`.
    pub(crate) run: String,
    /// The job's name: the label `pipewright.job`.
    pub(crate) name: String,
    pub(crate) image: String,
    /// Empty: the image's own.
    pub(crate) entrypoint: Vec<String>,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) mounts: Vec<Folder>,
    /// Empty: the image's own.
    pub(crate) working_directory: String,
    /// `UID:GID` of whoever started this, so that files stay theirs.
    pub(crate) user: String,
    /// How many bytes follow the order on the socket: the standard input.
    pub(crate) input: usize,
    /// The file for standard output; without it everything goes to this program's own.
    pub(crate) output: Option<PathBuf>,
    /// A port that is published at 127.0.0.1.
    pub(crate) port: Option<u16>,
}

/// A folder of this machine in the container.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Folder {
    pub(crate) host: String,
    pub(crate) inside: String,
    pub(crate) writable: bool,
}

impl Order {
    /// What the engine is asked to make. `is_rootless`: root in the container is the user outside.
    pub(crate) fn request(&self, owner: &str, is_rootless: bool) -> ContainerCreateBody {
        let user = if is_rootless { "0:0" } else { &self.user };
        let mut environment = self.environment.clone();
        if !user.starts_with("0:") {
            // The user has no home in the image.
            environment.entry("HOME".to_owned()).or_insert_with(|| "/tmp".to_owned());
        }
        let full = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
        let port = self.port.map(|port| format!("{port}/tcp"));
        let labels = [("pipewright.run", self.run.as_str()), ("pipewright.job", &self.name), (OWNER, owner)];
        let has_input = (self.input > 0).then_some(true);
        ContainerCreateBody {
            image: Some(self.image.clone()),
            entrypoint: full(&self.entrypoint),
            cmd: full(&self.arguments),
            env: Some(environment.iter().map(|(name, value)| format!("{name}={value}")).collect()),
            user: Some(user.to_owned()),
            working_dir: (!self.working_directory.is_empty()).then(|| self.working_directory.clone()),
            labels: Some(labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into()),
            exposed_ports: port.clone().map(|port| vec![port]),
            attach_stdin: has_input,
            open_stdin: has_input,
            stdin_once: has_input,
            host_config: Some(HostConfig {
                mounts: Some(self.mounts.iter().map(Folder::mount).collect()),
                port_bindings: port.zip(self.port).map(|(name, port)| published(name, port)),
                // Else systems with SELinux forbid the container the folders.
                security_opt: Some(vec!["label=disable".to_owned()]),
                shm_size: Some(SHARED_MEMORY),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        }
    }
}

impl Folder {
    fn mount(&self) -> Mount {
        Mount {
            source: Some(self.host.clone()),
            target: Some(self.inside.clone()),
            typ: Some(MountType::BIND),
            read_only: Some(!self.writable),
            ..Mount::default()
        }
    }
}

fn published(name: String, port: u16) -> HashMap<String, Option<Vec<PortBinding>>> {
    let here = PortBinding { host_ip: Some("127.0.0.1".to_owned()), host_port: Some(port.to_string()) };
    HashMap::from([(name, Some(vec![here]))])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `pipewright-local` writes: its own test ends with the same text.
    const WRITTEN: &str = r#"{"run":"run1","name":"job","image":"image:1","entrypoint":[],"arguments":["train"],"environment":{"A":"1"},"mounts":[{"host":"/h","inside":"/opt/ml","writable":true}],"working_directory":"","user":"1000:1000","input":3,"output":null,"port":8080}"#;

    #[test]
    fn what_the_engine_is_told() {
        let order: Order = serde_json::from_str(WRITTEN).unwrap();
        let request = order.request("me", false);
        assert_eq!(request.entrypoint, None, "the image's own");
        assert_eq!(request.cmd, Some(vec!["train".to_owned()]));
        assert_eq!(request.env, Some(vec!["A=1".to_owned(), "HOME=/tmp".to_owned()]));
        assert_eq!(request.user.as_deref(), Some("1000:1000"));
        assert_eq!(request.working_dir, None);
        assert_eq!(request.open_stdin, Some(true));
        let labels = request.labels.unwrap();
        assert_eq!((labels["pipewright.run"].as_str(), labels[OWNER].as_str()), ("run1", "me"));
        let host = serde_json::to_value(request.host_config).unwrap();
        assert_eq!(
            host["PortBindings"]["8080/tcp"][0],
            serde_json::json!({"HostIp": "127.0.0.1", "HostPort": "8080"})
        );
        let mount =
            serde_json::json!({"Type": "bind", "Source": "/h", "Target": "/opt/ml", "ReadOnly": false});
        assert_eq!(host["Mounts"], serde_json::json!([mount]));
    }

    #[test]
    fn where_root_is_the_user() {
        let order: Order = serde_json::from_str(WRITTEN).unwrap();
        let request = order.request("me", true);
        assert_eq!((request.user.as_deref(), request.env), (Some("0:0"), Some(vec!["A=1".to_owned()])));
    }
}
