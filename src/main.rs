//! The program: everything is in the library.

// Pages are decoded, merged and dropped on several threads while a list fills. glibc keeps most of what that frees;
// this allocator gives it back within seconds.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    watchfloor::cli::main()
}
