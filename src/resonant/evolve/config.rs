//! The settings of an evolution, by name, so that bindings and checkpoints share one list.

use std::fmt::Display;
use std::str::FromStr;

use crate::constants::Q_DEFICIT;
use crate::error::{Error, Result};
use crate::exact::check_precision;

/// How new candidates come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Mutants of the best candidates; the step follows the rate of success.
    Elitist,
    /// Samples around a mean with a variance per element, both adapted: separable CMA-ES (Ros and Hansen, 2008).
    Separable,
    /// Mirrored samples around a mean that follows the gradient of their ranks with Adam steps.
    Gradient,
    /// Independent samples around the template: random search, to compare with.
    Random,
}

/// What a mutation of the elitist strategy changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// A uniform lattice step `(u1 - 1/2) s + (u2 - 1/2) s phi`.
    Lattice,
    /// A normal step of width `s`.
    Gaussian,
    /// A normal step of width `s` of few elements: each with probability `mutation_rate`, at least one.
    Sparse,
}

/// Which children are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All.
    None,
    /// The `survivor_count` with the highest syntony.
    Syntony,
}

/// How the mutation scale is adapted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapt {
    /// Not at all.
    None,
    /// Up by 1.22 when more than a fifth of the children beat their parent, else down by 1.05.
    OneFifth,
}

macro_rules! named {
    ($type:ident, $field:literal, $($variant:ident = $name:literal),+) => {
        impl Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $($type::$variant => $name),+ })
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(s: &str) -> Result<$type> {
                match s {
                    $($name => Ok($type::$variant),)+
                    _ => Err(Error::value("RESConfig", format!("{} = {s:?} is not one of {}", $field, [$($name),+].join(", ")))),
                }
            }
        }
    };
}

named!(Strategy, "strategy", Elitist = "elitist", Separable = "separable", Gradient = "gradient", Random = "random");
named!(Mutation, "mutation", Lattice = "lattice", Gaussian = "gaussian", Sparse = "sparse");
named!(Filter, "filter", None = "none", Syntony = "syntony");
named!(Adapt, "adapt", None = "none", OneFifth = "one_fifth");

macro_rules! config {
    ($($(#[$doc:meta])+ $name:ident: $type:ty = $default:expr;)+) => {
        /// The settings of an evolution.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Config {
            $($(#[$doc])+ pub $name: $type,)+
        }

        impl Default for Config {
            fn default() -> Self {
                Config { $($name: $default,)+ }
            }
        }

        impl Config {
            /// The names of the settings.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// A setting as text.
            ///
            /// # Errors
            /// [`Error::Value`] for unknown names.
            pub fn get(&self, name: &str) -> Result<String> {
                match name {
                    $(stringify!($name) => Ok(Text::text(&self.$name)),)+
                    _ => Err(unknown(name)),
                }
            }

            /// Sets a setting from text.
            ///
            /// # Errors
            /// [`Error::Value`] for unknown names and text that does not fit.
            pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
                match name {
                    $(stringify!($name) => self.$name = Text::parse(name, value)?,)+
                    _ => return Err(unknown(name)),
                }
                Ok(())
            }
        }
    };
}

config! {
    /// How new candidates come about.
    strategy: Strategy = Strategy::Separable;
    /// Children per generation.
    population_size: usize = 20;
    /// How many the syntony filter leaves.
    survivor_count: usize = 16;
    /// How many of the best are kept as parents (elitist).
    elite: usize = 1;
    /// Weight of syntony in the score: `score = fitness + lambda_val * syntony`.
    lambda_val: f64 = Q_DEFICIT;
    /// The first step size.
    mutation_scale: f64 = 0.3;
    /// What a mutation changes (elitist).
    mutation: Mutation = Mutation::Lattice;
    /// The probability that a mutation changes an element (elitist).
    mutation_rate: f64 = 1.0;
    /// How the mutation scale is adapted (elitist).
    adapt: Adapt = Adapt::OneFifth;
    /// Step of the mean (gradient).
    learning_rate: f64 = 0.05;
    /// Which children are evaluated.
    filter: Filter = Filter::None;
    /// Whether each child goes through a cycle before it is evaluated.
    use_cycle: bool = false;
    /// Noise of that cycle.
    noise_scale: f64 = 0.01;
    /// The coefficient bound of the children; the template's if not given.
    max_coeff: Option<i64> = None;
    /// The largest number of generations.
    max_generations: usize = 1000;
    /// What counts as an improvement of the score.
    convergence_threshold: f64 = 1e-6;
    /// Generations without an improvement after which the run stops or restarts.
    patience: Option<usize> = None;
    /// How often a stalled run starts again from another place, with twice the population.
    restarts: usize = 0;
}

fn unknown(name: &str) -> Error {
    Error::value("RESConfig", format!("there is no setting {name:?}; there are {}", Config::NAMES.join(", ")))
}

trait Text: Sized {
    fn text(&self) -> String;
    fn parse(name: &str, s: &str) -> Result<Self>;
}

macro_rules! text {
    ($($type:ty: $what:literal),+) => {
        $(impl Text for $type {
            fn text(&self) -> String {
                self.to_string()
            }

            fn parse(name: &str, s: &str) -> Result<Self> {
                s.parse().map_err(|_| Error::value("RESConfig", format!("{name} = {s:?} is not {}", $what)))
            }
        })+
    };
}

text!(usize: "a whole number", i64: "a whole number", bool: "true or false");

macro_rules! text_of_names {
    ($($type:ty),+) => {
        $(impl Text for $type {
            fn text(&self) -> String {
                self.to_string()
            }

            fn parse(_: &str, s: &str) -> Result<Self> {
                s.parse()
            }
        })+
    };
}

text_of_names!(Strategy, Mutation, Filter, Adapt);

impl Text for f64 {
    fn text(&self) -> String {
        // The shortest text that reads back as the same double.
        format!("{self:?}")
    }

    fn parse(name: &str, s: &str) -> Result<Self> {
        s.parse().map_err(|_| Error::value("RESConfig", format!("{name} = {s:?} is not a number")))
    }
}

impl<T: Text> Text for Option<T> {
    fn text(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), Text::text)
    }

    fn parse(name: &str, s: &str) -> Result<Self> {
        if s == "none" { Ok(None) } else { T::parse(name, s).map(Some) }
    }
}

impl Config {
    /// Checks the settings against each other.
    ///
    /// # Errors
    /// [`Error::Value`] for the first that does not fit.
    pub fn check(&self) -> Result<()> {
        let fail = |message: String| Err(Error::value("RESConfig", message));
        if self.population_size < 1 {
            return fail("population_size is at least 1".into());
        }
        if self.filter == Filter::Syntony && !(1..=self.population_size).contains(&self.survivor_count) {
            return fail(format!(
                "survivor_count = {} is not between 1 and population_size = {}",
                self.survivor_count, self.population_size
            ));
        }
        if self.elite < 1 {
            return fail("elite is at least 1".into());
        }
        for (name, value) in [
            ("mutation_scale", self.mutation_scale),
            ("noise_scale", self.noise_scale),
            ("learning_rate", self.learning_rate),
            ("convergence_threshold", self.convergence_threshold),
        ] {
            if !(value >= 0.0 && value.is_finite()) {
                return fail(format!("{name} = {value} is negative or not finite"));
            }
        }
        if !(0.0..=1.0).contains(&self.mutation_rate) {
            return fail(format!("mutation_rate = {} is not a probability", self.mutation_rate));
        }
        if !self.lambda_val.is_finite() {
            return fail(format!("lambda_val = {} is not finite", self.lambda_val));
        }
        if self.patience == Some(0) {
            return fail("patience is at least 1, or not given".into());
        }
        if let Some(p) = self.max_coeff {
            check_precision("RESConfig", p)?;
        }
        Ok(())
    }
}
