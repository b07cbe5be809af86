//! Prepares what `static/` holds to be served from the binary: a name with a hash of the content,
//! and the gzip and brotli forms, made once here instead of on every request.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs};

use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=static");
    println!("cargo:rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    fs::create_dir_all(out.join("fonts"))?;
    let mut names = names_in("static", "")?;
    // Beside the fonts are their licences, which are not served.
    let fonts = names_in("static/fonts", "fonts/")?;
    names.extend(fonts.into_iter().filter(|name| name.ends_with(".woff2")));
    names.sort();
    let mut table = String::from("&[\n");
    for name in names {
        let body = fs::read(Path::new("static").join(&name))?;
        let hash = hex::encode(&Sha256::digest(&body)[..6]);
        let (stem, ending) = name
            .rsplit_once('.')
            .ok_or("a file in static/ has no ending")?;
        let stem = stem.rsplit('/').next().unwrap_or(stem);
        let (media_type, is_packed) = match ending {
            "css" => ("text/css; charset=utf-8", false),
            "js" => ("text/javascript; charset=utf-8", false),
            "svg" => ("image/svg+xml", false),
            "txt" => ("text/plain; charset=utf-8", false),
            "woff2" => ("font/woff2", true),
            "png" => ("image/png", true),
            "ico" => ("image/x-icon", true),
            other => return Err(format!("say in build.rs what a .{other} file is").into()),
        };
        // What is packed already has no smaller forms: they stay empty.
        let packed = |pack: fn(&[u8]) -> std::io::Result<Vec<u8>>| match is_packed {
            true => Ok(Vec::new()),
            false => pack(&body),
        };
        fs::write(out.join(&name), &body)?;
        fs::write(out.join(format!("{name}.gz")), packed(gzip)?)?;
        fs::write(out.join(format!("{name}.br")), packed(brotli)?)?;
        let include =
            |suffix| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}{suffix}\"))");
        writeln!(
            table,
            "Asset {{ name: {name:?}, path: \"/static/{stem}.{hash}.{ending}\", media_type: {media_type:?}, plain: {}, gzip: {}, brotli: {} }},",
            include(""),
            include(".gz"),
            include(".br"),
        )?;
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

/// The names of the files in a folder, after `prefix`.
fn names_in(folder: &str, prefix: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let name = entry
                .file_name()
                .into_string()
                .map_err(|_| "a name in static/ is not text")?;
            names.push(format!("{prefix}{name}"));
        }
    }
    Ok(names)
}

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(body)?;
    packed.finish()
}

fn brotli(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 11, 22);
    writer.write_all(body)?;
    drop(writer);
    Ok(packed)
}
