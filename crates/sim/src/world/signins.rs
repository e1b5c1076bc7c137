//! Interactive sign-ins: those of every user's working days, and those of the stories.

use super::apps::APPS;
use super::dice::{Dice, Guid, Topic};
use super::names::Office;
use super::people::Class;
use super::stamp::{DAY, HOUR, MINUTE, SECOND, Stamp};
use super::story::SignIn;
use super::story::facts::outside;
use super::story::scene::BROWSER;
use super::systems::Kind;
use super::{Obj, SignInRow, World, obj};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Names one sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub user: u32,
    /// Number among the daily ones, newest first, or in its story.
    pub n: u16,
    /// Rank of the incident whose story it belongs to, `u32::MAX` for a daily one.
    pub story: u32,
}

const DAILY: u32 = u32::MAX;
/// Room for daily sign-ins of a user in an id.
const ROOM: u32 = 64;

/// Policies of Conditional Access and how often each applies, in a thousand.
const POLICIES: [(&str, &str); 5] = [
    ("Require MFA for all users", "Mfa"),
    (
        "Require compliant device for Office 365",
        "RequireCompliantDevice",
    ),
    ("Block legacy authentication", "Block"),
    ("Require password change for high risk", "PasswordChange"),
    (
        "Report only: phishing-resistant MFA for administrators",
        "AuthenticationStrength",
    ),
];
const POLICY_RESULTS: [&str; 10] = [
    "success",
    "failure",
    "notApplied",
    "notEnabled",
    "unknown",
    "reportOnlySuccess",
    "reportOnlyFailure",
    "reportOnlyNotApplied",
    "reportOnlyInterrupted",
    "reportOnlyDeferred",
];
/// Names of risk events in `riskEventTypes`, an enum that is no longer kept up; newer names become `generic`.
const RISK_EVENTS: [&str; 14] = [
    "unlikelyTravel",
    "anonymizedIPAddress",
    "maliciousIPAddress",
    "unfamiliarFeatures",
    "malwareInfectedIPAddress",
    "suspiciousIPAddress",
    "leakedCredentials",
    "investigationsThreatIntelligence",
    "generic",
    "adminConfirmedUserCompromised",
    "mcasImpossibleTravel",
    "mcasSuspiciousInboxManipulationRules",
    "investigationsThreatIntelligenceSigninLinked",
    "maliciousIPAddressValidCredentialsBlockedIP",
];

/// What an AADSTS number means.
fn reason(error: u32) -> Option<&'static str> {
    Some(match error {
        0 => return None,
        50074 => "Strong Authentication is required.",
        50053 => {
            "Account is locked because user tried to sign in too many times with an incorrect user ID or password."
        }
        50055 => "Invalid password, entered expired password.",
        50057 => "User account is disabled.",
        50126 => "Error validating credentials due to invalid username or password.",
        50140 => {
            "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in."
        }
        53003 => "Access has been blocked by Conditional Access policies.",
        500121 => "Authentication failed during strong authentication request.",
        _ => "Other.",
    })
}

/// Everything about one sign-in.
struct Facts {
    at: Stamp,
    error: u32,
    ip: IpAddr,
    /// City, state, country letters, latitude, longitude.
    place: (&'static str, Option<&'static str>, &'static str, f64, f64),
    app: usize,
    risk: &'static str,
    events: Vec<&'static str>,
    agent: &'static str,
    client: &'static str,
    device: Option<usize>,
}

fn here(office: &'static Office) -> (&'static str, Option<&'static str>, &'static str, f64, f64) {
    (
        office.city,
        office.state,
        office.letters,
        office.latitude,
        office.longitude,
    )
}

impl World {
    pub(super) fn story_sign_in_id(&self, rank: u32, n: u16) -> Guid {
        let topic = if rank >= super::frame::ARRIVALS {
            Topic::ArrivedSignIn
        } else {
            Topic::StorySignIn
        };
        self.seed
            .guid(topic, (rank & 0xf_ffff) << 12 | u32::from(n & 0xfff))
    }

    /// How many daily sign-ins of a user are kept. Large tenants keep fewer, so that the whole list stays bounded.
    fn daily_count(&self, user: usize) -> u16 {
        let person = self.person(user);
        let h = self.seed.hash(Topic::SignIn, user as u64) >> 8;
        let n = match person.class {
            Class::Staff => 5 + h % 36,
            Class::Admin => 8 + h % 8,
            Class::Guest => h % 4,
            Class::BreakGlass => 1,
            Class::Service | Class::Shared => 0,
        };
        let cut = match self.user_count() {
            ..20_000 => 1,
            20_000..60_000 => 4,
            _ => 12,
        };
        (n / cut) as u16
    }

    fn daily_at(&self, user: usize, n: u16) -> Stamp {
        let person = self.person(user);
        let seed = self
            .seed
            .hash(Topic::SignIn, (user as u64) << 16 | u64::from(n));
        // two working halves a day, each with one sign-in; leavers and emergency accounts stopped long ago
        let half = i64::from(n);
        let morning = half % 2 == 1;
        let idle = match (person.enabled, person.class) {
            (false, _) => 20 + (seed_of(self, user) % 40) as i64,
            (_, Class::BreakGlass) => 90,
            (_, Class::Guest) => (seed_of(self, user) % 12) as i64,
            _ => 0,
        };
        let hour = if morning {
            7 * HOUR + HOUR / 2
        } else {
            12 * HOUR
        };
        let local = hour + (seed % (5 * HOUR as u64)) as i64 - person.office.east * MINUTE;
        let midnight = self.now.0.div_euclid(DAY) * DAY;
        let mut day = idle + half / 2;
        let newest = 12 * HOUR
            + (self.seed.hash(Topic::SignIn, (user as u64) << 16) % (5 * HOUR as u64)) as i64
            - person.office.east * MINUTE;
        if midnight + newest > self.now.0 {
            day += 1;
        }
        Stamp(midnight - day * DAY + local).whole_second()
    }

    /// All sign-ins of the tenant, newest first.
    pub fn sign_ins(&self) -> &[Key] {
        self.sign_ins.get_or_init(|| {
            let mut all: Vec<(Stamp, Key)> = Vec::new();
            for user in 0..self.user_count() {
                let daily = (0..self.daily_count(user)).map(|n| {
                    (
                        self.daily_at(user, n),
                        Key {
                            user: user as u32,
                            n,
                            story: DAILY,
                        },
                    )
                });
                all.extend(daily);
            }
            let mut told: Vec<(Stamp, Key)> = Vec::new();
            for (user, frame, k) in self.all_user_frames() {
                if self.touched(frame.spec(k).0).signs_in {
                    let own = self
                        .alert_sign_ins(&frame, k)
                        .into_iter()
                        .filter(|(_, who, _)| *who == user);
                    told.extend(own.map(|(at, _, s)| {
                        (
                            at,
                            Key {
                                user: user as u32,
                                n: s.n,
                                story: frame.rank,
                            },
                        )
                    }));
                }
            }
            all.extend(told);
            all.sort_unstable_by_key(|(at, key)| {
                (std::cmp::Reverse(*at), key.user, key.story, key.n)
            });
            all.into_iter().map(|(_, key)| key).collect()
        })
    }

    /// Sign-ins of one user, newest first.
    pub fn user_sign_ins(&self, user: usize) -> Vec<Key> {
        let daily = (0..self.daily_count(user)).map(|n| {
            (
                self.daily_at(user, n),
                Key {
                    user: user as u32,
                    n,
                    story: DAILY,
                },
            )
        });
        let told = self.story_sign_ins(user).into_iter().map(|(rank, n, at)| {
            (
                at,
                Key {
                    user: user as u32,
                    n,
                    story: rank,
                },
            )
        });
        let mut all: Vec<(Stamp, Key)> = daily.chain(told).collect();
        all.sort_unstable_by_key(|(at, key)| (std::cmp::Reverse(*at), key.story, key.n));
        all.into_iter().map(|(_, key)| key).collect()
    }

    fn told(&self, key: Key) -> Option<(Stamp, SignIn)> {
        let frame = self.frame(key.story as usize);
        let k = usize::from(key.n / 8);
        if k >= frame.alerts() {
            return None;
        }
        let all = self.alert_sign_ins(&frame, k);
        all.into_iter()
            .find(|(_, user, s)| *user == key.user as usize && s.n == key.n)
            .map(|(at, _, s)| (at, s))
    }

    fn sign_in_facts(&self, key: Key) -> Facts {
        let user = key.user as usize;
        let person = self.person(user);
        if key.story != DAILY
            && let Some((at, told)) = self.told(key)
        {
            let place = told.from.place;
            return Facts {
                at,
                error: told.error,
                ip: told.from.ip,
                place: (
                    place.city,
                    Some(place.state),
                    place.letters,
                    place.latitude,
                    place.longitude,
                ),
                app: told.app,
                risk: told.risk,
                events: told.risk_events.to_vec(),
                agent: told.agent,
                client: "Browser",
                device: None,
            };
        }
        let at = self.daily_at(user, key.n);
        let mut dice = self.seed.dice(
            Topic::SignIn,
            (user as u64) << 16 | u64::from(key.n) | 1 << 50,
        );
        let error = if person.enabled {
            dice.weighted(&[
                (0, 930),
                (50126, 22),
                (50140, 14),
                (50074, 14),
                (500121, 8),
                (53003, 8),
                (50055, 4),
            ])
        } else {
            dice.weighted(&[(0, 6), (50057, 4)])
        };
        let ip = match dice.below(100) {
            0..72 => IpAddr::V4(World::egress(person.office)),
            72..92 => IpAddr::V4(Ipv4Addr::new(
                192,
                0,
                2,
                128 + (seed_of(self, user) % 120) as u8,
            )),
            _ => IpAddr::V6(Ipv6Addr::new(
                0x2001,
                0xdb8,
                user as u16,
                (user >> 16) as u16,
                0,
                0,
                0,
                dice.below(9) as u16 + 1,
            )),
        };
        let app = dice.weighted(&[
            (6, 26),
            (9, 18),
            (3, 16),
            (2, 12),
            (7, 10),
            (11, 8),
            (20, 4),
            (22, 3),
            (26, 3),
            (8, 2),
            (5, 2),
            (24, 1),
        ]);
        let risky = dice.chance(18);
        let risk = if risky {
            dice.weighted(&[
                ("low", 6),
                ("medium", 3),
                ("high", 1),
                ("hidden", 1),
                ("critical", 1),
            ])
        } else {
            "none"
        };
        let events = if risky {
            vec![RISK_EVENTS[dice.below(14) as usize]]
        } else {
            vec![]
        };
        let device = self.owned(user).next().filter(|_| app != 11);
        let (agent, client) = match app {
            11 => ("Outlook-iOS/2.0", "Mobile Apps and Desktop clients"),
            7 => ("", "Mobile Apps and Desktop clients"),
            _ if dice.chance(12) => (
                "",
                *dice.pick(&[
                    "IMAP4",
                    "Exchange ActiveSync",
                    "Authenticated SMTP",
                    "Other clients",
                ]),
            ),
            _ => (BROWSER, "Browser"),
        };
        Facts {
            at,
            error,
            ip,
            place: here(person.office),
            app,
            risk,
            events,
            agent,
            client,
            device,
        }
    }

    /// The index row of a sign-in.
    pub fn sign_in_row(&self, key: Key) -> SignInRow {
        let f = self.sign_in_facts(key);
        SignInRow {
            at: f.at,
            user: key.user as usize,
            error: f.error,
            ip: f.ip,
            app: APPS[f.app].name,
            risk_level: f.risk,
        }
    }

    /// The id of a sign-in.
    pub fn sign_in_id(&self, key: Key) -> Guid {
        match key.story {
            DAILY => self
                .seed
                .guid(Topic::SignIn, key.user * ROOM + u32::from(key.n)),
            rank => self.story_sign_in_id(rank, key.n),
        }
    }

    /// The sign-in of an id.
    pub fn sign_in_by_id(&self, id: &str) -> Option<Key> {
        let guid: Guid = id.parse().ok()?;
        if let Some(index) = self.seed.guid_index(Topic::SignIn, guid) {
            let (user, n) = (index / ROOM, (index % ROOM) as u16);
            let real = (user as usize) < self.user_count() && n < self.daily_count(user as usize);
            return real.then_some(Key {
                user,
                n,
                story: DAILY,
            });
        }
        let index = self.seed.guid_index(Topic::StorySignIn, guid)?;
        let (rank, n) = (index >> 12, (index & 0xfff) as u16);
        let frame = ((rank as usize) < self.incident_count()).then(|| self.frame(rank as usize))?;
        let k = usize::from(n / 8);
        let all = if k < frame.alerts() {
            self.alert_sign_ins(&frame, k)
        } else {
            vec![]
        };
        all.into_iter()
            .find(|(_, _, s)| s.n == n)
            .map(|(_, user, _)| Key {
                user: user as u32,
                n,
                story: rank,
            })
    }

    /// A sign-in.
    pub fn sign_in_json(&self, key: Key) -> Obj {
        let f = self.sign_in_facts(key);
        let user = self.user_row(key.user as usize);
        let id = self.sign_in_id(key);
        let mut dice = Dice::of(id.0 as u64);
        let resource = if f.app == super::apps::AZURE_CLI || f.app == super::apps::AZURE_PORTAL {
            super::apps::GRAPH
        } else {
            super::apps::EXCHANGE
        };
        let outside_risk = if f.risk == "none" {
            "none"
        } else {
            dice.weighted(&[
                ("atRisk", 5),
                ("dismissed", 2),
                ("remediated", 2),
                ("confirmedSafe", 1),
                ("confirmedCompromised", 1),
                ("contained", 1),
            ])
        };
        let detail = match outside_risk {
            "dismissed" => "adminDismissedAllRiskForUser",
            "remediated" => "userPassedMFADrivenByRiskBasedPolicy",
            "confirmedSafe" => "adminConfirmedSigninSafe",
            _ => "none",
        };
        let (browser, system) = match f.agent {
            "" => ("", "Windows10"),
            agent if agent.contains("Linux") => ("Firefox 128.0", "Linux"),
            agent if agent.contains("iOS") => ("", "Ios 18.1"),
            agent if agent.contains("python") => ("Python Requests 2.31", ""),
            _ => ("Edge 131.0.0", "Windows10"),
        };
        let device = f.device.map(|d| (d, self.device(d)));
        let trust = device.as_ref().map(|(_, d)| {
            if d.kind == Kind::Workstation {
                "Hybrid Azure AD joined"
            } else {
                "Azure AD registered"
            }
        });
        let policies: Vec<Value> = POLICIES
            .iter()
            .enumerate()
            .map(|(n, (name, control))| {
                let result = match (n, f.error) {
                    (4, _) => POLICY_RESULTS[5 + dice.below(5) as usize],
                    (0, 0) => "success",
                    (1, 53003) => "failure",
                    _ => dice.weighted(&[("notApplied", 60), ("success", 8), ("notEnabled", 6), ("unknown", 1), ("failure", 1)]),
                };
                json!({
                    "id": self.seed.guid(Topic::Misc, n as u32).to_string(), "displayName": name,
                    "enforcedGrantControls": if result == "notApplied" || result == "notEnabled" { json!([]) } else { json!([control]) },
                    "enforcedSessionControls": [], "result": result,
                })
            })
            .collect();
        let access = match f.error {
            53003 => "failure",
            0 if dice.chance(120) => "notApplied",
            0 if dice.chance(4) => "deferred",
            0 => "success",
            _ => "notApplied",
        };
        let (city, state, letters, latitude, longitude) = f.place;
        obj(json!({
            "id": id.to_string(),
            "createdDateTime": f.at.plus(-(f.at.0 % SECOND)).to_string(),
            "userDisplayName": user.display,
            "userPrincipalName": user.upn.to_lowercase(),
            "userId": user.id.to_string(),
            "appId": self.app_id(f.app),
            "appDisplayName": APPS[f.app].name,
            "ipAddress": f.ip.to_string(),
            "clientAppUsed": f.client,
            "userAgent": f.agent,
            "correlationId": dice.guid().to_string(),
            "conditionalAccessStatus": access,
            "isInteractive": true,
            "riskDetail": detail,
            "riskLevelAggregated": f.risk,
            "riskLevelDuringSignIn": f.risk,
            "riskState": outside_risk,
            "riskEventTypes": f.events.iter().map(|e| if RISK_EVENTS.contains(e) { *e } else { "generic" }).collect::<Vec<_>>(),
            "riskEventTypes_v2": f.events,
            "resourceDisplayName": APPS[resource].name,
            "resourceId": self.app_id(resource),
            "homeTenantId": self.tenant.to_string(),
            "resourceTenantId": self.tenant.to_string(),
            "servicePrincipalId": "",
            "servicePrincipalName": null,
            "status": {
                "errorCode": f.error,
                "failureReason": reason(f.error).unwrap_or("Other."),
                "additionalDetails": if f.error == 0 { json!("MFA requirement satisfied by claim in the token") } else { Value::Null },
            },
            "deviceDetail": {
                "deviceId": device.as_ref().map_or(String::new(), |(d, _)| self.seed.guid(Topic::AadDevice, *d as u32).to_string()),
                "displayName": device.as_ref().map_or(String::new(), |(d, _)| self.machine_name(*d).split('.').next().unwrap_or_default().to_uppercase()),
                "operatingSystem": system,
                "browser": browser,
                "isCompliant": device.is_some(),
                "isManaged": device.is_some(),
                "trustType": trust.unwrap_or(""),
            },
            "location": {
                "city": city, "state": state, "countryOrRegion": letters,
                "geoCoordinates": {"altitude": null, "latitude": latitude, "longitude": longitude},
            },
            "appliedConditionalAccessPolicies": policies,
        }))
    }
}

fn seed_of(world: &World, user: usize) -> u64 {
    world.seed.hash(Topic::Address, user as u64 | 1 << 44)
}

/// The place of an address as sign-ins and detections write it.
pub(super) fn location(ip: IpAddr) -> Value {
    let at = outside(ip).place;
    json!({
        "city": at.city, "state": at.state, "countryOrRegion": at.letters,
        "geoCoordinates": {"altitude": null, "latitude": at.latitude, "longitude": at.longitude},
    })
}
