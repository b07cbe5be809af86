//! Printing for all commands: a closed pipe (`rejoinder … | head`) ends a command quietly, a closed terminal
//! does not end the server, and text from others cannot control the terminal.

use std::fmt::Arguments;
use std::io::{self, Write};

use crate::markup::printable;

/// Prints a line of the command's result to standard output.
pub fn line(text: Arguments<'_>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(printable::lines(&text.to_string()).as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Prints a line to standard output and ignores that nobody may read it.
pub fn notice(text: Arguments<'_>) {
    let _ = line(text);
}

/// Prints a line to standard error, beside the command's result.
pub fn remark(text: Arguments<'_>) {
    let mut out = io::stderr().lock();
    let _ = out.write_all(printable::lines(&text.to_string()).as_bytes());
    let _ = out.write_all(b"\n");
}

/// "1 response", "3 responses".
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Whether a command failed only because nobody reads its output any more.
pub fn is_closed_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Prints a line like `println!`, and returns an error if nobody reads it.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::commands::output::line(format_args!($($text)*))
    };
}
pub(crate) use say;
