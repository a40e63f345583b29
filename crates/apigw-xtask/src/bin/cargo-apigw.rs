//! `cargo apigw`: the command line for any workspace, installed once.

use std::process::ExitCode;

fn main() -> ExitCode {
    apigw_xtask::main()
}
