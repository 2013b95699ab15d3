//! Has the crate compiled anew when the dashboard was built anew: its files get other names then.

fn main() {
    println!("cargo:rerun-if-changed=dashboard/dist");
}
