//! Large tenants: how long the tables take. Figures need `WF_SOAK=1` and an optimised build.

use super::make;
use crate::world::Size;
use std::time::Instant;

#[test]
fn a_large_tenant_has_its_rows_in_time() {
    if std::env::var_os("WF_SOAK").is_none() {
        eprintln!("SKIPPED: set WF_SOAK=1 for the figures");
        return;
    }
    let start = Instant::now();
    let world = make(
        Size {
            incidents: 100_000,
            alerts: 20_000,
            devices: 50_000,
            users: 200_000,
            events: 0,
            ..Size::default()
        },
        7,
    );
    eprintln!("new: {:?}", start.elapsed());
    let mut last = start;
    let mut lap = |what: &str| {
        let now = Instant::now();
        eprintln!("{what}: {:?} (in all {:?})", now - last, now - start);
        last = now;
    };
    let sum: u64 = (0..world.incident_count())
        .map(|i| world.incident_row(i).id)
        .sum();
    lap("incident rows");
    let alerts: u64 = (0..world.alert_count())
        .map(|i| world.alert_row(i).incident)
        .sum();
    lap("alert rows");
    let users: usize = (0..world.user_count())
        .map(|i| world.user_row(i).upn.len())
        .sum();
    lap("user rows");
    let machines: usize = (0..world.machine_count())
        .map(|i| world.machine_row(i).dns_name.len())
        .sum();
    lap("machine rows");
    assert!(sum > 0 && alerts > 0 && users > 0 && machines > 0);
    let sign_ins = world.sign_ins().len();
    lap(&format!("{sign_ins} sign-ins"));
    world.risky_count();
    lap("risk");
    world.audit_count();
    lap("audits");
    world.entra_device_count();
    lap("Entra devices");
    for i in 0..1_000 {
        world.alert_json(i);
    }
    lap("1,000 alerts rendered");
    for i in 0..1_000 {
        world.incident_json(i);
        world.user_json(i);
        world.machine_json(i);
    }
    lap("1,000 incidents, users and machines rendered");
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let line = status
            .lines()
            .find(|l| l.starts_with("VmRSS"))
            .unwrap_or("VmRSS unknown");
        eprintln!("{line}");
    }
}
