//! The table of the distributions that both generators have, and its form: name, parameters with their conditions, function.

/// Methods for distributions of `f64` parameters, and `draw`, which reaches each by its name.
///
/// `$source` is an expression over `$this` that gives the source the functions draw from. To the distributions of both
/// generators come those that are given.
macro_rules! distributions {
    ($this:ident => $source:expr; $($own:tt)*) => { distributions! {
        @table $this => $source;
        /// Beta distribution on `[0, 1]`.
        beta(a: Positive, b: Positive) = continuous::beta;
        /// Gamma distribution.
        gamma(shape: NonNegative, scale: NonNegative) = continuous::gamma;
        /// Fisher's F distribution.
        f(dfnum: Positive, dfden: Positive) = continuous::f;
        /// Noncentral F distribution.
        noncentral_f(dfnum: Positive, dfden: Positive, nonc: NonNegative) = continuous::noncentral_f;
        /// Chi-square distribution.
        chisquare(df: Positive) = continuous::chisquare;
        /// Noncentral chi-square distribution.
        noncentral_chisquare(df: Positive, nonc: NonNegative) = continuous::noncentral_chisquare;
        /// Standard Cauchy distribution.
        standard_cauchy() = continuous::standard_cauchy;
        /// Student's t distribution.
        standard_t(df: Positive) = continuous::standard_t;
        /// Von Mises distribution on `[-pi, pi]`.
        vonmises(mu: None, kappa: NonNegative) = continuous::vonmises;
        /// Pareto II (Lomax) distribution.
        pareto(a: Positive) = continuous::pareto;
        /// Weibull distribution.
        weibull(a: NonNegative) = continuous::weibull;
        /// Power function distribution on `[0, 1]`.
        power(a: Positive) = continuous::power;
        /// Laplace distribution.
        laplace(loc: None, scale: NonNegative) = continuous::laplace;
        /// Gumbel distribution.
        gumbel(loc: None, scale: NonNegative) = continuous::gumbel;
        /// Logistic distribution.
        logistic(loc: None, scale: NonNegative) = continuous::logistic;
        /// Lognormal distribution.
        lognormal(mean: None, sigma: NonNegative) = continuous::lognormal;
        /// Rayleigh distribution.
        rayleigh(scale: NonNegative) = continuous::rayleigh;
        /// Wald (inverse Gaussian) distribution.
        wald(mean: Positive, scale: Positive) = continuous::wald;
        /// Poisson distribution, as `int64`.
        poisson(lam: Poisson) = discrete::poisson;
        /// Zipf distribution, as `int64`.
        zipf(a: Gt1) = discrete::zipf;
        /// Geometric distribution, as `int64`.
        geometric(p: BoundedGt01) = discrete::geometric;
        /// Logarithmic series distribution, as `int64`.
        logseries(p: BoundedLt01) = discrete::logseries;
        $($own)*
    } };
    (@table $this:ident => $source:expr;
     $($(#[$doc:meta])* $name:ident($($param:ident: $constraint:ident),*) = $function:path;)*) => {
        $(
            $(#[$doc])*
            ///
            /// Parameters are numbers or tensors that broadcast against each other and to `size`.
            ///
            /// # Errors
            /// [`Error::Value`] when a parameter is outside its domain, [`Error::Broadcast`] when shapes do not fit.
            pub fn $name(&mut self, size: impl Into<Size> $(, $param: impl Into<Param<f64>>)*) -> Result<Tensor> {
                self.draw(stringify!($name), &size.into(), &[$($param.into()),*])
            }
        )*

        /// A distribution by name with its parameters in the order of its method.
        ///
        /// # Errors
        /// As the method of that name; [`Error::Value`] for an unknown name or another number of parameters.
        pub fn draw(&mut self, name: &str, size: &Size, params: &[Param<f64>]) -> Result<Tensor> {
            match name {
                $(stringify!($name) => {
                    const OP: &str = stringify!($name);
                    let [$($param),*] = params else {
                        return Err(Error::value(OP, format!("got {} parameters", params.len())));
                    };
                    let values = [$(Values::<f64>::new(OP, $param, stringify!($param), Constraint::$constraint)?),*];
                    let $this = self;
                    let source = $source;
                    params::draw_each::<f64, _, _>(OP, size, values, &mut |[$($param),*]| $function(&mut *source $(, $param)*))
                })*
                _ => self.draw_checked(name, size, params),
            }
        }
    };
}
pub(super) use distributions;
