//! The people of the tenant and their index table.

use super::dice::{Guid, Topic};
use super::{UserRow, World};

#[derive(Debug)]
pub struct Table {
    upn: Vec<String>,
    display: Vec<String>,
    account: Vec<String>,
    by_upn: Vec<u32>,
}

impl World {
    fn people(&self) -> &Table {
        self.people.get_or_init(|| {
            let n = self.size.users;
            let mut table = Table {
                upn: vec![],
                display: vec![],
                account: vec![],
                by_upn: (0..n).collect(),
            };
            for i in 0..n {
                let (account, display) = match i {
                    0 => ("ana".to_owned(), "Ana Novak".to_owned()),
                    1 => ("raj".to_owned(), "Raj Patel".to_owned()),
                    2 => ("mei".to_owned(), "Mei Tanaka".to_owned()),
                    _ => (format!("user{i}"), format!("User {i}")),
                };
                table.upn.push(format!("{account}@contoso.com"));
                table.display.push(display);
                table.account.push(account);
            }
            table
                .by_upn
                .sort_by(|a, b| table.upn[*a as usize].cmp(&table.upn[*b as usize]));
            table
        })
    }

    /// How many users the directory has.
    pub fn user_count(&self) -> usize {
        self.size.users as usize
    }

    /// The index row of a user. `i` below `user_count()`.
    pub fn user_row(&self, i: usize) -> UserRow<'_> {
        let t = self.people();
        UserRow {
            id: self.seed.guid(Topic::User, i as u32),
            upn: &t.upn[i],
            display: &t.display[i],
            mail: Some(&t.upn[i]),
            account: &t.account[i],
            enabled: true,
            user_type: "Member",
            synced: true,
            department: None,
            title: None,
        }
    }

    /// Indexes of all users in the order of their UPN, the default order of the directory.
    pub fn users_by_upn(&self) -> &[u32] {
        &self.people().by_upn
    }

    /// The user of an object id.
    pub fn user_by_id(&self, id: &str) -> Option<usize> {
        let guid: Guid = id.parse().ok()?;
        let i = self.seed.guid_index(Topic::User, guid)? as usize;
        (i < self.user_count()).then_some(i)
    }

    /// The user of a UPN, in any case.
    pub fn user_by_upn(&self, upn: &str) -> Option<usize> {
        let upn = upn.to_lowercase();
        (0..self.user_count()).find(|&i| self.people().upn[i] == upn)
    }

    /// The user of a bare account name, in any case.
    pub fn user_by_account(&self, account: &str) -> Option<usize> {
        let account = account.to_lowercase();
        (0..self.user_count()).find(|&i| self.people().account[i] == account)
    }

    /// The people who work the queue, the demo analyst first.
    pub fn analysts(&self) -> &'static [usize] {
        &[0, 1, 2]
    }
}
