//! Turns `openapi.yaml` into JSON, with its members in the order of the file.

use std::{error::Error, fs, path::PathBuf};

use serde_yaml_ng::Value;

const SOURCE: &str = "../../openapi.yaml";

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["build.rs", SOURCE] {
        println!("cargo::rerun-if-changed={path}");
    }
    let contract: Value = serde_yaml_ng::from_str(&fs::read_to_string(SOURCE)?)?;
    fs::write(out_folder()?.join("openapi.json"), serde_json::to_string(&contract)?)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "Cargo passes OUT_DIR in the environment")]
fn out_folder() -> Result<PathBuf, Box<dyn Error>> {
    Ok(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?.into())
}
