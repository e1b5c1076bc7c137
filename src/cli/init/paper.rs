//! What the admin does in the portal, the same as a script, and the address where consent is given: as text, as a link where
//! a terminal shows it, and as a QR code for the phone that holds the admin's sign-in.

use crate::cli::needs::Least;
use crate::config::Cloud;
use crate::model::Service;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// The registration's proposed name.
pub const APP: &str = "Watchfloor";

/// What a service is called where permissions are added, and its application id there.
fn api(service: Service) -> (&'static str, &'static str) {
    match service {
        Service::Graph => ("Microsoft Graph", "00000003-0000-0000-c000-000000000000"),
        Service::Defender => ("WindowsDefenderATP", "fc780465-2017-40d4-a0c5-307022471b92"),
        Service::LogAnalytics => ("Log Analytics API", "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5"),
        Service::CloudApps => (
            "Microsoft Cloud App Security",
            "05a65629-4c1b-48c1-a78b-804c4abdd4af",
        ),
        Service::Office => (
            "Office 365 Management APIs",
            "c5393580-f805-4401-95e8-94b7a6ef2fc2",
        ),
        Service::Explorer => (
            "Azure Data Explorer",
            "2746ea77-4702-4b45-80ca-3c97e680e8b7",
        ),
    }
}

/// How the sign-in wants its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of the application itself.
    App,
    /// Of the person who signs in.
    Person,
}

/// The steps in the portal, with the names as they stand there.
pub fn steps(least: &Least, whose: Whose) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "In the Entra admin centre (entra.microsoft.com):");
    let _ = writeln!(
        out,
        " 1. Applications > App registrations > New registration: name {APP},"
    );
    let _ = writeln!(
        out,
        "    accounts in this organizational directory only; Register."
    );
    let kind = match whose {
        Whose::App => "Application permissions",
        Whose::Person => "Delegated permissions",
    };
    let mut n = 2;
    for (service, list) in least {
        let (name, _) = api(*service);
        let place = match service {
            Service::Graph => "Microsoft APIs",
            _ => "APIs my organization uses",
        };
        let _ = writeln!(out, " {n}. API permissions > Add a permission > {place} >");
        let _ = writeln!(out, "    {name} > {kind}:");
        for permission in list {
            let _ = writeln!(out, "      {permission}");
        }
        n += 1;
    }
    let _ = writeln!(
        out,
        " {n}. Grant admin consent (there, or by the address below)."
    );
    n += 1;
    match whose {
        Whose::App => {
            let _ = writeln!(
                out,
                " {n}. Certificates & secrets > New client secret: copy the Value,"
            );
            let _ = writeln!(
                out,
                "    not the Secret ID. It is shown once and cannot be read again."
            );
        }
        Whose::Person => {
            let _ = writeln!(
                out,
                " {n}. Authentication > Allow public client flows: Yes (for the device code)."
            );
        }
    }
    let _ = writeln!(
        out,
        " {}. Overview: the application (client) id and the directory (tenant) id\n    are asked for below.",
        n + 1
    );
    out
}

/// The same as a script for the Azure CLI. It prints the ids and puts a secret straight into a file that only its owner reads.
pub fn script(least: &Least, whose: Whose) -> String {
    let (roles, kind) = match whose {
        Whose::App => ("appRoles", "Role"),
        Whose::Person => ("oauth2PermissionScopes", "Scope"),
    };
    let mut out = String::from(
        "#!/bin/sh\n# registers the application; az login as one who may, first\nset -eu\numask 077\n",
    );
    let _ = writeln!(
        out,
        "app=$(az ad app create --display-name {APP} --sign-in-audience AzureADMyOrg{} --query appId -o tsv)",
        match whose {
            Whose::App => "",
            Whose::Person => " --is-fallback-public-client true",
        }
    );
    out.push_str("az ad sp create --id \"$app\" -o none\n");
    let _ = writeln!(
        out,
        "add() {{ # API, permission\n  id=$(az ad sp show --id \"$1\" --query \"{roles}[?value=='$2'].id | [0]\" -o tsv)\n  \
         [ -n \"$id\" ] || {{ echo \"$2 is not there\" >&2; exit 1; }}\n  \
         az ad app permission add --id \"$app\" --api \"$1\" --api-permissions \"$id={kind}\" -o none\n}}"
    );
    for (service, list) in least {
        let (name, id) = api(*service);
        let _ = writeln!(out, "# {name}");
        for permission in list {
            let _ = writeln!(out, "add {id} {permission}");
        }
    }
    out.push_str("sleep 15 # what was just made is not known everywhere yet\naz ad app permission admin-consent --id \"$app\"\n");
    if whose == Whose::App {
        out.push_str("az ad app credential reset --id \"$app\" --append --display-name watchfloor --years 1 --query password -o tsv > watchfloor.secret\n");
        out.push_str("echo \"secret: in $PWD/watchfloor.secret, readable by you alone\"\n");
    }
    out.push_str("echo \"client id: $app\"\necho \"tenant id: $(az account show --query tenantId -o tsv)\"\n");
    out
}

/// Where an admin consents to what the registration asks for.
pub fn consent(cloud: Cloud, tenant: &str, client: &str) -> String {
    format!("{}/{tenant}/adminconsent?client_id={client}", cloud.login())
}

/// A link that terminals open; only an https address that was made here.
pub fn link(url: &str) -> String {
    format!("\x1b]8;;{url}\x1b\\{url}\x1b]8;;\x1b\\")
}

/// The address as a QR code of half blocks, dark on light whatever the terminal's colours; none where it is too long.
pub fn qr(url: &str, colour: bool) -> Option<String> {
    /// Light modules around it.
    const QUIET: i32 = 2;
    let code = QrCode::with_error_correction_level(url, EcLevel::L).ok()?;
    let size = code.width() as i32;
    let cells = code.to_colors();
    let dark = |x: i32, y: i32| {
        let inside = (0..size).contains(&x) && (0..size).contains(&y);
        inside && cells.get((y * size + x) as usize) == Some(&Color::Dark)
    };
    let mut out = String::new();
    let mut y = -QUIET;
    while y < size + QUIET {
        if colour {
            out.push_str("\x1b[30;107m");
        }
        for x in -QUIET..size + QUIET {
            // black on white where there is colour; else light modules are what is drawn, for dark terminals
            let (above, below) = (dark(x, y) == colour, dark(x, y + 1) == colour);
            out.push(match (above, below) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        if colour {
            out.push_str("\x1b[0m");
        }
        out.push('\n');
        y += 2;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::needs::{Extent, least_of, modules};

    /// S0-29: each step in the portal, and the same as a script.
    #[test]
    fn steps_and_script_name_the_same_permissions() {
        for (whose, person) in [(Whose::App, false), (Whose::Person, true)] {
            let least = least_of(&modules(), Extent::Respond, person);
            let (steps, script) = (steps(&least, whose), script(&least, whose));
            for permission in least.values().flatten() {
                assert!(steps.contains(permission), "{permission}");
                assert!(script.contains(&format!(" {permission}\n")), "{permission}");
            }
            assert_eq!(script.contains("=Role"), whose == Whose::App);
            assert_eq!(steps.contains("Secret ID"), whose == Whose::App);
        }
    }

    /// S0-33: the address as text and as a link.
    #[test]
    fn the_consent_address_is_of_the_tenants_cloud() {
        let url = consent(Cloud::GccHigh, "contoso.us", "c");
        assert_eq!(
            url,
            "https://login.microsoftonline.us/contoso.us/adminconsent?client_id=c"
        );
        assert!(link(&url).starts_with("\x1b]8;;https://"));
    }

    /// S0-33: and as a code to be photographed.
    #[test]
    fn the_code_is_square_with_its_corners() {
        let url = consent(
            Cloud::Global,
            "11111111-2222-3333-4444-555555555555",
            "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        );
        let code = qr(&url, false).unwrap();
        let lines: Vec<Vec<char>> = code.lines().map(|l| l.chars().collect()).collect();
        let wide = lines[0].len();
        assert!(lines.iter().all(|l| l.len() == wide));
        assert!(wide <= 2 * lines.len() && lines.len() * 2 <= wide + 1);
        // fits an 80x24 terminal's width, and a finder's dark ring begins after the quiet zone
        assert!(wide <= 80, "{wide}");
        assert_eq!(lines[0][0], '█');
        assert_eq!(lines[1][2], ' ');
    }
}
