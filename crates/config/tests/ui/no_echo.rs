//! A mistake in the struct has no echo where the struct is used.

use pipewright_config::{Source, load, schema};

#[derive(pipewright_macros::Config)]
#[config(crate = "pipewright_config")]
struct Settings {
    #[config(ge = 3, le = 2)]
    epochs: u32,
    inner: Inner,
}

#[derive(pipewright_macros::Config)]
#[config(crate = "pipewright_config")]
struct Inner(u8);

fn main() {
    let settings = load::<Settings>(&[Source::new("a", "")], None, &[]).unwrap().value;
    let _ = settings.epochs + u32::from(settings.inner.0);
    schema::<Settings>();
}
