//! Turns `openapi.yaml` into JSON, with its members in the order of the file.

use std::{env, error::Error, fs, path::Path};

use serde_yaml_ng::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let source = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../openapi.yaml");
    println!("cargo::rerun-if-changed={}", source.display());
    let contract: Value = serde_yaml_ng::from_str(&fs::read_to_string(source)?)?;
    let target = Path::new(&env::var("OUT_DIR")?).join("openapi.json");
    fs::write(target, serde_json::to_string(&contract)?)?;
    Ok(())
}
