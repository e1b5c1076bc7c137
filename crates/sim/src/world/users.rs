//! What the directory says about one user: the user itself, manager, groups, roles, devices, methods, grants; and the organization.

use super::dice::{Guid, Topic};
use super::{Obj, World, obj};
use serde_json::json;

impl World {
    /// All properties of a user; the caller projects.
    pub fn user_json(&self, i: usize) -> Obj {
        let row = self.user_row(i);
        obj(json!({
            "id": row.id.to_string(),
            "displayName": row.display,
            "userPrincipalName": row.upn,
            "mail": row.mail,
            "accountEnabled": row.enabled,
            "userType": row.user_type,
        }))
    }

    /// The manager of a user.
    pub fn user_manager(&self, i: usize) -> Option<usize> {
        (i > 0).then(|| (i - 1) / 8)
    }

    /// Those who report to a user.
    pub fn user_reports(&self, i: usize) -> Vec<usize> {
        (8 * i + 1..8 * i + 9)
            .filter(|&r| r < self.user_count())
            .collect()
    }

    /// Groups, directory roles and administrative units a user is a member of, each with its `@odata.type`.
    pub fn user_member_of(&self, _i: usize) -> Vec<Obj> {
        Vec::new()
    }

    /// Devices a user owns (`#microsoft.graph.device`).
    pub fn user_owned_devices(&self, _i: usize) -> Vec<Obj> {
        Vec::new()
    }

    /// Devices a user registered (`#microsoft.graph.device`).
    pub fn user_registered_devices(&self, i: usize) -> Vec<Obj> {
        self.user_owned_devices(i)
    }

    /// Authentication methods, each with its `@odata.type`.
    pub fn user_auth_methods(&self, _i: usize) -> Vec<Obj> {
        Vec::new()
    }

    /// Delegated permission grants (`oAuth2PermissionGrant`) of which the user is the principal.
    pub fn user_oauth_grants(&self, _i: usize) -> Vec<Obj> {
        Vec::new()
    }

    /// Application roles the user was given.
    pub fn user_app_roles(&self, _i: usize) -> Vec<Obj> {
        Vec::new()
    }

    /// Indexes of the Defender machines the user logged on to.
    pub fn user_machines(&self, _i: usize) -> Vec<usize> {
        Vec::new()
    }

    /// Role names of a user, for decisions about privilege.
    pub fn user_role_names(&self, _i: usize) -> Vec<&'static str> {
        Vec::new()
    }

    /// The organization.
    pub fn organization_json(&self) -> Obj {
        obj(json!({
            "id": self.tenant.to_string(),
            "displayName": "Contoso",
            "verifiedDomains": [{"name": "contoso.com", "isDefault": true, "isInitial": false, "type": "Managed", "capabilities": "Email, OfficeCommunicationsOnline"}],
        }))
    }

    /// How many service principals the tenant has.
    pub fn app_count(&self) -> usize {
        1
    }

    /// A service principal.
    pub fn app_json(&self, i: usize) -> Obj {
        obj(
            json!({"id": self.seed.guid(Topic::AppObject, i as u32).to_string(), "displayName": "Microsoft Graph", "appId": "00000003-0000-0000-c000-000000000000"}),
        )
    }

    /// The service principal of an object id.
    pub fn app_by_id(&self, id: &str) -> Option<usize> {
        let guid: Guid = id.parse().ok()?;
        let i = self.seed.guid_index(Topic::AppObject, guid)? as usize;
        (i < self.app_count()).then_some(i)
    }

    /// How many devices the directory (Entra) has.
    pub fn entra_device_count(&self) -> usize {
        0
    }

    /// An Entra device.
    pub fn entra_device_json(&self, _i: usize) -> Obj {
        Obj::new()
    }

    /// The Entra device of an object id.
    pub fn entra_device_by_id(&self, _id: &str) -> Option<usize> {
        None
    }

    /// The Entra device of a device id (`deviceId`).
    pub fn entra_device_by_device_id(&self, _id: &str) -> Option<usize> {
        None
    }

    /// Users who own an Entra device.
    pub fn entra_device_owners(&self, _i: usize) -> Vec<usize> {
        Vec::new()
    }
}
