//! What the handler of one Graph request has at hand.

use crate::login::verify::Caller;
use crate::odata::options::Options;
use crate::tenant::Tenant;
use crate::wire::ask::Ask;
use crate::world::World;

/// One request, admitted.
pub(crate) struct Cx<'a> {
    pub tenant: &'a Tenant,
    pub world: &'a World,
    pub ask: &'a Ask,
    pub caller: Caller,
    pub options: Options,
    /// The `ConsistencyLevel: eventual` header is there.
    pub eventual: bool,
}

impl Cx<'_> {
    /// The service's root as an absolute address.
    pub fn base(&self) -> String {
        format!("{}{}", self.ask.origin, self.ask.service.root())
    }

    pub fn context(&self, tail: &str) -> String {
        format!("{}/$metadata#{tail}", self.base())
    }
}
