//! The one host that a job runs on here.

use serde_json::{Value, json};

/// `resourceconfig.json`, of processing and of training: one host, one group of instances.
pub(crate) fn resources(instance_type: &str) -> Value {
    json!({
        "current_host": "algo-1",
        "current_instance_type": instance_type,
        "current_group_name": "homogeneousCluster",
        "hosts": ["algo-1"],
        "instance_groups": [{
            "instance_group_name": "homogeneousCluster",
            "instance_type": instance_type,
            "hosts": ["algo-1"],
        }],
        "network_interface_name": "eth0",
    })
}
