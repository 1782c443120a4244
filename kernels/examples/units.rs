//! Writes every translation unit of the kernels into a folder, for `tests/kernels.py`:
//!
//!     cargo run -p purify-kernels --example units -- FOLDER
//!
//! `NAME.cu` is the unit without what only a device has, `device.cu` that; `units.txt` has a line per unit: its name and
//! its entry points; its first line has the architectures.

use std::fmt::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: units FOLDER")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let table = purify_kernels::table()?;
    let mut list = table.archs.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
    list.push('\n');
    for unit in table.units() {
        std::fs::write(folder.join(format!("{}.cu", unit.name)), unit.body())?;
        writeln!(list, "{} {}", unit.name, unit.entries.join(" "))?;
    }
    std::fs::write(folder.join("device.cu"), purify_kernels::DEVICE)?;
    std::fs::write(folder.join("units.txt"), list)?;
    Ok(())
}
