//! Where the planets are, more or less.
//!
//! ```
//! let earth = orbit::Body::new("earth", 1.0);
//! ```

use std::collections::HashMap;
use std::fmt;

pub const MAX: usize = 16;
const STEP: f64 = 1.0 / 64.0;

#[derive(Debug, Clone)]
pub struct Body<'a> {
    name: &'a str,
    position: [f64; 2],
}

impl<'a> Body<'a> {
    pub fn new(name: &'a str, distance: f64) -> Self {
        let position: [f64; 2] = [distance, 0.0];
        Body { name, position }
    }

    pub fn step(&mut self, speed: f64) {
        let x: f64 = self.position[0];
        let y: f64 = self.position[1];
        let angle: f64 = y.atan2(x) + speed * STEP;
        let radius = x.hypot(y);
        self.position = [radius * angle.cos(), radius * angle.sin()];
    }
}

impl fmt::Display for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"{} is at "{:?}""#, self.name, self.position)
    }
}

pub fn table(bodies: &[Body]) -> HashMap<String, u64> {
    let interface: u64 = 1 << 3;
    bodies
        .iter()
        .take(MAX)
        .map(|body| match body.name {
            "sun" => (body.name.to_string(), 0),
            other if other.len() > 3 => (other.to_uppercase(), interface),
            _ => (String::from("?"), u64::MAX),
        })
        .collect()
}
