//! Where commands print: one place, so that a reader who has seen enough (`rejoinder … | head`) ends
//! a command quietly, a terminal that is gone ends no server, and no text steers a terminal.

use std::fmt::Arguments;
use std::io::{self, Write};

use crate::markup::inert;

/// Prints a line for whoever, or whatever, reads the command's result.
pub fn line(text: Arguments<'_>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(inert::lines(&text.to_string()).as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Prints a line where nothing depends on somebody reading it.
pub fn notice(text: Arguments<'_>) {
    let _ = line(text);
}

/// Prints a remark for the person at the keyboard, beside the result.
pub fn remark(text: Arguments<'_>) {
    let mut out = io::stderr().lock();
    let _ = out.write_all(inert::lines(&text.to_string()).as_bytes());
    let _ = out.write_all(b"\n");
}

/// Whether a command failed only because nobody reads what it prints any more.
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

/// Prints a line, as `println!` does, and gives back the error where nobody reads it.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::commands::output::line(format_args!($($text)*))
    };
}
pub(crate) use say;
