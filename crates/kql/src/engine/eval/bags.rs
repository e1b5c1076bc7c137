//! Functions over bags.

use crate::engine::expr::Cx;
use crate::engine::json;
use crate::engine::value::{Val, dynamic};

/// A bag of names and values; the first argument says whether nulls are left out.
pub fn pack_named<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let skip = a.first().and_then(Val::truth) == Some(true);
    let mut out = String::from("{");
    for pair in a.get(1..).unwrap_or(&[]).chunks(2) {
        let [k, v] = pair else { break };
        let empty = v.is_null() || matches!(v, Val::Str(s) if s.is_empty());
        if skip && empty {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        json::push_quoted(&mut out, &k.text());
        out.push(':');
        out.push_str(&v.json());
    }
    out.push('}');
    dynamic(out)
}
