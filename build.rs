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
    let mut files: Vec<_> = fs::read_dir("static")?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut table = String::from("&[\n");
    for file in files {
        let name = file
            .file_name()
            .into_string()
            .map_err(|_| "a name in static/ is not text")?;
        let body = fs::read(file.path())?;
        let hash = hex::encode(&Sha256::digest(&body)[..6]);
        let (stem, ending) = name
            .rsplit_once('.')
            .ok_or("a file in static/ has no ending")?;
        let media_type = match ending {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            "txt" => "text/plain; charset=utf-8",
            other => return Err(format!("say in build.rs what a .{other} file is").into()),
        };
        fs::write(out.join(&name), &body)?;
        fs::write(out.join(format!("{name}.gz")), gzip(&body)?)?;
        fs::write(out.join(format!("{name}.br")), brotli(&body)?)?;
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
