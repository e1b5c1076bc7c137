//! `buildschema`: the shape that all dynamic values of a group fit.

use super::{Agg, Spec, same};
use crate::engine::json;
use crate::engine::value::{Kind, Val, dynamic};
use crate::engine::vector::{Build, Vector};
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};

/// How deep shapes are told apart.
const DEEPEST: usize = 64;

/// What may stand at a place.
#[derive(Clone, Debug, Default)]
struct Shape {
    scalars: BTreeSet<&'static str>,
    bag: Option<BTreeMap<String, Shape>>,
    array: Option<Box<Shape>>,
}

impl Shape {
    fn add(&mut self, s: &str, deep: usize) {
        if deep > DEEPEST {
            return;
        }
        if s.starts_with('{') {
            let bag = self.bag.get_or_insert_default();
            for (k, v) in json::members(s) {
                bag.entry(json::unescape(k).into_owned())
                    .or_default()
                    .add(v, deep + 1);
            }
        } else if s.starts_with('[') {
            let inside = self.array.get_or_insert_default();
            json::elements(s).for_each(|e| inside.add(e, deep + 1));
        } else {
            let name = match json::plain(s) {
                Val::Bool(_) => "bool",
                Val::Long(_) => "long",
                Val::Real(_) => "double",
                Val::Str(_) => "string",
                _ => return,
            };
            self.scalars.insert(name);
        }
    }
    fn join(&mut self, o: Shape) {
        self.scalars.extend(o.scalars);
        if let Some(bag) = o.bag {
            let own = self.bag.get_or_insert_default();
            for (k, v) in bag {
                own.entry(k).or_default().join(v);
            }
        }
        if let Some(a) = o.array {
            self.array.get_or_insert_default().join(*a);
        }
    }
    fn write(&self) -> Option<String> {
        let mut all: Vec<String> = self.scalars.iter().map(|s| json::quote(s)).collect();
        if let Some(bag) = &self.bag {
            let members: Vec<String> = bag
                .iter()
                .filter_map(|(k, v)| Some(format!("{}:{}", json::quote(k), v.write()?)))
                .collect();
            all.push(format!("{{{}}}", members.join(",")));
        }
        if let Some(a) = &self.array {
            let inside = a.write().unwrap_or_else(|| "{}".to_owned());
            all.push(format!("{{\"`indexer`\":{inside}}}"));
        }
        match all.len() {
            0 => None,
            1 => all.pop(),
            _ => Some(format!("[{}]", all.join(","))),
        }
    }
}

struct Schemas(Vec<Shape>);

/// `buildschema`.
pub fn buildschema(_: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(Box::new(Schemas(Vec::new())))
}

impl Agg for Schemas {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.0.resize(count, Shape::default());
        let (Some(v), Some(kind)) = (args.first(), kinds.first()) else {
            return;
        };
        for (i, g) in groups.iter().enumerate() {
            if let (Some(s), x) = (self.0.get_mut(*g as usize), v.val(*kind, i))
                && !x.is_null()
            {
                s.add(&x.json(), 0);
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.0.resize(count, Shape::default());
        if let Some(o) = same::<Schemas>(later) {
            self.0.iter_mut().zip(o.0).for_each(|(a, b)| a.join(b));
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.0.resize(count, Shape::default());
        let mut b = Build::new(Kind::Dynamic);
        for s in &self.0 {
            b.push(s.write().map_or(Val::Null, dynamic));
        }
        vec![b.finish()]
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
