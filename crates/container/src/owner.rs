//! Who watches over a container, so that one that nobody watches over any more is found and removed.

use std::collections::HashMap;

use bollard::query_parameters::{ListContainersOptionsBuilder, RemoveContainerOptionsBuilder};

use crate::engine::Engine;
use crate::order::OWNER;

/// This program, for good: its machine, its namespace of processes, its id and when it began.
pub(crate) fn own() -> String {
    let id = std::process::id();
    format!("{}/{id}/{}", place(), began(id).unwrap_or_default())
}

/// Removes the containers whose program is gone. What can't be told, or removed, stays.
pub(crate) async fn remove_leftovers(engine: &Engine) {
    let filters = HashMap::from([("label", vec![OWNER])]);
    let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    let Ok(containers) = engine.docker.list_containers(Some(options)).await else { return };
    for container in containers {
        let owner = container.labels.as_ref().and_then(|labels| labels.get(OWNER));
        if let (Some(id), Some(owner)) = (container.id, owner)
            && is_gone(owner)
        {
            let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
            let _left = engine.docker.remove_container(&id, Some(options)).await;
        }
    }
}

/// Whether the program that this names has ended. Of another machine's nobody here can tell.
fn is_gone(owner: &str) -> bool {
    let Some((before, then)) = owner.rsplit_once('/') else { return false };
    let Some((there, id)) = before.rsplit_once('/') else { return false };
    let Ok(id) = id.parse::<u32>() else { return false };
    let here = place();
    !here.is_empty() && here == there && began(id).unwrap_or_default() != then
}

/// The machine since it was started, and the namespace of process ids. Empty where the system does not say.
fn place() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let space: String = space.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    if space.is_empty() { String::new() } else { format!("{}/{space}", boot.trim()) }
}

/// When a process began, in the system's own count.
fn began(id: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in parentheses may hold anything; the 20th field after it is the time.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_gone() {
        let own = own();
        assert!(!is_gone(&own), "{own}");
        if place().is_empty() {
            return;
        }
        assert!(is_gone(&format!("{own}1")), "another one with the same id");
        assert!(!is_gone(&format!("elsewhere-{own}1")), "another machine");
        for odd in ["", "/", "a/b/c", "///"] {
            assert!(!is_gone(odd), "{odd}");
        }
    }
}
