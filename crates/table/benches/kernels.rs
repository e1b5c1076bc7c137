//! Figures for the kernels over generated rows.

fn main() {
    divan::main();
}
