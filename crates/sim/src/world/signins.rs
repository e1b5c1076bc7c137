//! Interactive sign-ins: some of every user's daily ones, and those of the stories.

use super::dice::{Guid, Topic};
use super::stamp::HOUR;
use super::{Obj, SignInRow, World, obj};
use serde_json::json;

/// Names one sign-in: a user and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub user: u32,
    pub n: u16,
}

impl World {
    pub(super) fn story_sign_in_id(&self, rank: u32, n: u16) -> super::dice::Guid {
        let topic = if rank >= super::frame::ARRIVALS {
            Topic::ArrivedSignIn
        } else {
            Topic::StorySignIn
        };
        self.seed
            .guid(topic, (rank & 0xf_ffff) << 12 | u32::from(n & 0xfff))
    }

    /// All sign-ins of the tenant, newest first.
    pub fn sign_ins(&self) -> &[Key] {
        self.sign_ins.get_or_init(|| {
            (0..self.size.users)
                .map(|user| Key { user, n: 0 })
                .collect()
        })
    }

    /// Sign-ins of one user, newest first.
    pub fn user_sign_ins(&self, user: usize) -> Vec<Key> {
        vec![Key {
            user: user as u32,
            n: 0,
        }]
    }

    /// The index row of a sign-in.
    pub fn sign_in_row(&self, key: Key) -> SignInRow {
        SignInRow {
            at: self.now.plus(-HOUR),
            user: key.user as usize,
            error: 0,
            ip: std::net::IpAddr::from([203, 0, 113, 7]),
            app: "Office 365 Exchange Online",
            risk_level: "none",
        }
    }

    /// A sign-in.
    pub fn sign_in_json(&self, key: Key) -> Obj {
        let row = self.sign_in_row(key);
        let user = self.user_row(row.user);
        obj(json!({
            "id": self.seed.guid(Topic::SignIn, key.user).to_string(),
            "createdDateTime": row.at.to_string(),
            "userId": user.id.to_string(),
            "userPrincipalName": user.upn,
            "userDisplayName": user.display,
            "appDisplayName": row.app,
            "ipAddress": row.ip.to_string(),
            "isInteractive": true,
            "status": {"errorCode": row.error},
        }))
    }

    /// The id of a sign-in.
    pub fn sign_in_id(&self, key: Key) -> super::dice::Guid {
        self.seed.guid(Topic::SignIn, key.user)
    }

    /// The sign-in of an id.
    pub fn sign_in_by_id(&self, id: &str) -> Option<Key> {
        let guid: Guid = id.parse().ok()?;
        let user = self.seed.guid_index(Topic::SignIn, guid)?;
        (user < self.size.users).then_some(Key { user, n: 0 })
    }
}
