use std::fmt::{self, Display};
extern crate serde;
mod other;

const LIMIT: usize = 3;

/// Greets.
#[derive(Debug)]
pub struct Greeter<'a> {
    name: &'a str,
}

pub enum Colour {
    Red,
}

pub trait Hello {
    fn hello(&self) -> String {
        String::from("hello")
    }
}

impl<'a> Display for Greeter<'a> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            "x" => {}
            _ => loop {
                break;
            },
        }
        if true {
            write!(f, r"{}", 'c')
        } else {
            Ok(())
        }
    }
}

mod inner {
    use super::*;
    pub(crate) async fn run() {}
}

macro_rules! twice {
    ($e:expr) => {
        $e
    };
}

use std::fmt::{self, Display as D, Write::*};
use crate::a;
extern crate core as c;
mod near;
const LIMIT: u8 = 3;
static COUNT: u8 = 0;
type Name = String;
struct Unit;
trait Wave {
    type Hand;
    fn wave(&self);
}
union Either {
    a: u8,
}

/// Says.
#[derive(Clone)]
struct Documented {
}
