//! The table form in which both generators list their distributions: name, parameters with their conditions, function.

/// Methods for distributions of `f64` parameters, and `draw`, which reaches each by its name.
///
/// `$source` is an expression over `$this` that gives the bit source the functions draw from.
macro_rules! distributions {
    ($this:ident => $source:expr;
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
                    params::draw::<f64, _, _>(OP, size, values, |[$($param),*]| $function(&mut *source $(, $param)*))
                })*
                _ => self.draw_checked(name, size, params),
            }
        }
    };
}
pub(super) use distributions;
