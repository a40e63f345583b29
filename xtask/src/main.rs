//! The lean binary: every command that needs no network.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main(xtask::network::hand_over)
}
