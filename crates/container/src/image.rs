//! Whether an image is there, and how it gets there.

use anyhow::{Result, anyhow};
use bollard::errors::Error;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;

use crate::engine::{Engine, plain};
use crate::registry::{login, registry, wants_login};

/// Whether the image is here, or might be pulled.
pub(crate) async fn can_be_had(engine: &Engine, image: &str) -> bool {
    let registry = registry(image);
    is_here(engine, image).await.unwrap_or(false) || !wants_login(registry) || login(registry).is_some()
}

async fn is_here(engine: &Engine, image: &str) -> Result<bool> {
    match engine.docker.inspect_image(image).await {
        Ok(_) => Ok(true),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(false),
        Err(error) => Err(plain(error)),
    }
}

/// Pulls the image where it is not here; `say` hears of that.
pub(crate) async fn ensure(engine: &Engine, image: &str, say: &(dyn Fn(&str) + Sync)) -> Result<()> {
    if is_here(engine, image).await? {
        return Ok(());
    }
    say(&format!("pulling {image}"));
    let registry = registry(image);
    let known = login(registry);
    let is_known = known.is_some();
    // Without a tag all images of that name would come.
    let last = image.rsplit('/').next().unwrap_or(image);
    let full = if last.contains([':', '@']) { image.to_owned() } else { format!("{image}:latest") };
    let options = CreateImageOptionsBuilder::default().from_image(&full).build();
    let mut stream = engine.docker.create_image(Some(options), None, known).boxed();
    while let Some(step) = stream.next().await {
        if let Err(error) = step {
            let error = match error {
                Error::DockerResponseServerError { message, .. } => message,
                Error::DockerStreamError { error } => error,
                other => plain(other).to_string(),
            };
            return Err(anyhow!("can't pull {image}: {}{}", error.trim(), remedy(registry, is_known)));
        }
    }
    if is_here(engine, image).await? {
        Ok(())
    } else {
        Err(anyhow!("the engine pulled {image} and yet does not have it"))
    }
}

/// What to do where an image does not come.
fn remedy(registry: &str, is_known: bool) -> String {
    if !wants_login(registry) {
        return String::new();
    }
    let region = registry.split('.').nth(3).unwrap_or("REGION");
    let state = if is_known { "the login for it may have expired" } else { "no login for it is known" };
    format!(
        "; {registry} wants a login ({state}): `aws ecr get-login-password --region {region} | docker login --username \
         AWS --password-stdin {registry}`, or run without containers: `--runner bubblewrap`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remedies() {
        assert_eq!(remedy("quay.io", false), "");
        let text = remedy("1.dkr.ecr.eu-west-1.amazonaws.com", false);
        assert!(text.contains("--region eu-west-1 ") && text.contains("--runner bubblewrap"), "{text}");
    }
}
