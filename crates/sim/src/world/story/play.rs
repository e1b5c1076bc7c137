//! Playing the scenes of a story in order, and rehearsing a template to learn its cast.

use super::super::World;
use super::super::frame::Frame;
use super::super::links::Touched;
use super::super::stamp::Stamp;
use super::super::workflow::Flow;
use super::scene::{Scene, Stage};
use super::{Event, SignIn, What};
use serde_json::Value;

impl World {
    /// Plays the scenes of a story: its events in order of their alerts, and the evidence of alert `wanted`.
    pub(in super::super) fn play(
        &self,
        frame: &Frame,
        flow: &Flow,
        wanted: Option<usize>,
    ) -> (Vec<Event>, Vec<Value>) {
        let mut stage = Stage::default();
        let mut evidence = Vec::new();
        // scenes of repeats do not look at one another, so only the wanted one is played
        let told = frame.alerts();
        for k in 0..told {
            let render = wanted == Some(k);
            let (spec, repeat) = frame.spec(k);
            if repeat > 0 && wanted.is_some() && !render {
                continue;
            }
            let mut scene = Scene::new(self, frame, flow, k, &mut stage, render);
            (spec.scene)(&mut scene);
            if let Some(all) = scene.evidence {
                evidence = all.into_iter().map(|(_, e)| Value::Object(e)).collect();
            }
            if render {
                break;
            }
        }
        (stage.events, evidence)
    }

    /// What each scene of a template uses of its cast.
    pub(in super::super) fn rehearse(&self, frame: &Frame) -> Vec<Touched> {
        let flow = self.flow(frame);
        let mut stage = Stage::default();
        let play = |k| {
            let mut scene = Scene::new(self, frame, &flow, k, &mut stage, false);
            (frame.spec(k).0.scene)(&mut scene);
            scene.touched
        };
        (0..frame.alerts()).map(play).collect()
    }

    /// The sign-ins of an alert: when, who, what.
    pub(in super::super) fn alert_sign_ins(
        &self,
        frame: &Frame,
        k: usize,
    ) -> Vec<(Stamp, usize, SignIn)> {
        let flow = self.flow(frame);
        let mut stage = Stage::default();
        let mut scene = Scene::new(self, frame, &flow, k, &mut stage, false);
        (frame.spec(k).0.scene)(&mut scene);
        let mut all = Vec::new();
        for event in stage.events {
            if let (What::SignIn(sign_in), Some(user)) = (event.what, event.user) {
                all.push((event.at, user, sign_in));
            }
        }
        all
    }

    /// The story of an incident: everything that happened, by place of the alert.
    pub fn story(&self, incident: usize) -> Vec<Event> {
        let frame = self.frame(incident);
        let flow = self.flow(&frame);
        self.play(&frame, &flow, None).0
    }
}
