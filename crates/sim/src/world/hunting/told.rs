//! Every story of the tenant, played once, for the tables to pick from.

use super::super::World;
use super::super::frame::Frame;
use super::super::story::{Event, Spec, What};

/// Something that happened, and in which story.
#[derive(Debug)]
pub(super) struct Scene {
    pub frame: Frame,
    pub event: Event,
}

impl Scene {
    /// The alert that speaks of it.
    pub fn spec(&self) -> Option<&'static Spec> {
        Some(self.frame.spec(self.event.alert?).0)
    }
}

/// All of it, in the order of the incidents.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub frames: Vec<Frame>,
    pub scenes: Vec<Scene>,
}

impl Told {
    /// Plays the stories of these frames, which stand in the order of their ranks.
    pub fn of(world: &World, frames: Vec<Frame>) -> Told {
        let mut scenes = Vec::new();
        for frame in &frames {
            let flow = world.flow(frame);
            let (events, _) = world.play(frame, &flow, None);
            scenes.extend(events.into_iter().map(|event| Scene {
                frame: *frame,
                event,
            }));
        }
        Told { frames, scenes }
    }

    /// Everything of the story that a scene belongs to.
    pub fn same_story(&self, scene: &Scene) -> &[Scene] {
        let rank = scene.frame.rank;
        let from = self.scenes.partition_point(|s| s.frame.rank < rank);
        let count = self.scenes[from..].partition_point(|s| s.frame.rank == rank);
        &self.scenes[from..from + count]
    }

    /// What happened of one kind.
    pub fn of_kind<'a, T>(
        &'a self,
        pick: impl Fn(&'a What) -> Option<T> + 'a,
    ) -> impl Iterator<Item = (&'a Scene, T)> + 'a {
        self.scenes
            .iter()
            .filter_map(move |s| pick(&s.event.what).map(|what| (s, what)))
    }
}

/// A number for a row: the same whenever the story is told.
pub(super) fn report(scene: &Scene, salt: u64) -> i64 {
    let h = super::super::dice::mix(
        salt ^ (scene.event.at.0 as u64)
            ^ u64::from(scene.frame.rank) << 40
            ^ scene.event.device.unwrap_or(0) as u64,
    );
    (h % 900_000) as i64
}
