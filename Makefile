# What takes more than one command. `make demo` needs Rust and Node, everything else that cargo does needs Rust only.

.PHONY: demo dashboard

# The demo with its dashboard, live.
demo: dashboard
	cargo run --release -- demo

# Builds the dashboard into dashboard/dist, which the next `cargo build` puts into the binary.
dashboard: dashboard/node_modules
	cd dashboard && npm run build

dashboard/node_modules: dashboard/package-lock.json
	cd dashboard && npm ci
	touch $@
