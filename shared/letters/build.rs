//! Checks the templates and compiles them to Rust. A mistake in a template fails the build and is reported with its
//! file and line.

#[path = "checker/mod.rs"]
mod checker;

use std::{error::Error, fs, path::PathBuf};

use checker::Files;

const FOLDER: &str = "templates";

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["build.rs", "checker", FOLDER] {
        println!("cargo::rerun-if-changed={path}");
    }
    match checker::compile(&read_templates()?) {
        Ok(code) => fs::write(out_folder()?.join("templates.rs"), code)?,
        Err(faults) => {
            for fault in faults {
                println!("cargo::error=shared/letters/{FOLDER}/{fault}");
            }
        }
    }
    Ok(())
}

/// Reads every file in the folder and in its folders of languages.
fn read_templates() -> Result<Files, Box<dyn Error>> {
    let mut files = Files::new();
    let mut folders = vec![PathBuf::from(FOLDER)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path
                .strip_prefix(FOLDER)?
                .to_str()
                .ok_or("a file's name is not Unicode")?;
            files.insert(name.replace('\\', "/"), fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}

#[expect(clippy::disallowed_methods, reason = "Cargo passes OUT_DIR in the environment")]
fn out_folder() -> Result<PathBuf, Box<dyn Error>> {
    Ok(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?.into())
}
