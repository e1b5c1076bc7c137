//! The program: everything is in the library.

fn main() -> std::process::ExitCode {
    watchfloor::cli::main()
}
