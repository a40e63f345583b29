//! The binary with the commands that need no network.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main(xtask::network::hand_over)
}
