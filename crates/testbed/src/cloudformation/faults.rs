//! What goes wrong before a request reaches a stack: no permission, throttling, credentials at an end.

use std::collections::{BTreeMap, BTreeSet};

use super::query::{Params, Refused};

/// The scripted refusals.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) denied: BTreeSet<String>,
    /// By action (`*` for every one): how many more times, and with what.
    pub(super) refused: BTreeMap<String, (u32, Refused)>,
    /// How many more requests the credentials last.
    pub(super) credentials: Option<u64>,
}

impl Faults {
    /// The refusal for a request, if the script has one.
    pub(super) fn check(
        &mut self,
        action: &str,
        params: &Params,
        caller: &str,
        scope: &str,
    ) -> Option<Refused> {
        if let Some(left) = &mut self.credentials {
            if *left == 0 {
                let text = "The security token included in the request is expired";
                return Some(Refused::new(403, "ExpiredToken", text));
            }
            *left -= 1;
        }
        for name in [action, "*"] {
            if let Some((left, refused)) = self.refused.get_mut(name)
                && *left > 0
            {
                *left -= 1;
                return Some(refused.clone());
            }
        }
        let service = if action == "GetCallerIdentity" { "sts" } else { "cloudformation" };
        let permission = format!("{service}:{action}");
        if !self.denied.contains(&permission) {
            return None;
        }
        let resource = match params.get("StackName") {
            Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
            Some(name) => format!("arn:aws:cloudformation:{scope}:stack/{name}/*"),
            None => "*".to_owned(),
        };
        let text = format!(
            "User: {caller} is not authorized to perform: {permission} on resource: {resource} because no \
             identity-based policy allows the {permission} action"
        );
        Some(Refused::new(403, "AccessDenied", text))
    }
}
