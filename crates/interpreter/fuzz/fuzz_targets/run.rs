//! Any text is a definition that runs to an end, or is refused with places.

#![no_main]

use std::sync::Arc;

use pipewright_interpreter::scripted::{Scripted, run_scripted};
use pipewright_interpreter::{Definition, Start};

libfuzzer_sys::fuzz_target!(|text: &str| {
    match Definition::parse(text) {
        Err(problems) => assert!(!problems.is_empty() && !problems.to_string().is_empty()),
        Ok(definition) => {
            let start = Start {
                pipeline: "p".to_owned(),
                execution_id: "0123456789ab".to_owned(),
                account: "123456789012".to_owned(),
                region: "eu-west-1".to_owned(),
                ..Start::default()
            };
            // Refused where a parameter has no value; otherwise over, with records that can be written.
            if let Ok(ran) = run_scripted(&Arc::new(definition), start, &Scripted::new()) {
                assert!(ran.status().is_over(), "{}", ran.status());
                assert!(ran.execution_record().is_object());
                assert!(ran.steps_record().is_object());
            }
        }
    }
});
