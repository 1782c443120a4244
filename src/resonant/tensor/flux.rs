//! Phases: waking into flux, working on doubles there, and crystallizing back onto the lattice.

use std::sync::OnceLock;
use std::time::Instant;

use purify_ops::{DType, Device, Tensor};

use super::{ResonantTensor, snap_all};
use crate::error::{Error, Result};
use crate::exact::{Golden, check_precision};
use crate::operators::h_gain;

impl ResonantTensor {
    /// Goes into flux: doubles on a device, equal to the numbers of the lattice.
    ///
    /// # Errors
    /// [`Error::Phase`] if already in flux, an error of the device if it is absent.
    pub fn wake_flux(&mut self, device: Device) -> Result<()> {
        self.crystallized("wake_flux")?;
        let flux = self.to_ops()?.to_device(device)?;
        self.flux = Some(flux);
        Ok(())
    }

    /// The doubles in flux. They are shared: what is written there is what crystallizes.
    ///
    /// # Errors
    /// [`Error::Phase`] if crystallized.
    pub fn flux(&self) -> Result<&Tensor> {
        self.flux.as_ref().ok_or(Error::Phase { op: "flux_values", phase: "crystallized", remedy: "call wake_flux() first" })
    }

    /// Replaces the doubles in flux.
    ///
    /// # Errors
    /// [`Error::Phase`] if crystallized, [`Error::Shape`] for another number of values.
    pub fn set_flux(&mut self, values: &Tensor) -> Result<()> {
        let flux = self.flux().map_err(|_| Error::Phase { op: "set_flux", phase: "crystallized", remedy: "call wake_flux() first" })?;
        if values.size() != self.size() {
            return Err(Error::shape("set_flux", format!("{} values for {} elements", values.size(), self.size())));
        }
        let device = flux.device();
        let values = values.astype(DType::Float64)?.reshape(&self.shape)?.copy()?.to_device(device)?;
        self.flux = Some(values);
        Ok(())
    }

    /// Snaps the doubles in flux to the lattice and returns the new syntony. With `harmonize`, H attenuates them first,
    /// under the syntony that the lattice has had.
    ///
    /// # Errors
    /// [`Error::Phase`] if crystallized; [`Error::Value`] for doubles that are not finite and bounds outside `1..=2^52`.
    /// The tensor stays in flux then.
    pub fn crystallize(&mut self, precision: Option<i64>, harmonize: bool) -> Result<f64> {
        let op = "crystallize";
        let flux = self.flux.as_ref().ok_or(Error::Phase { op, phase: "crystallized", remedy: "call wake_flux() first" })?;
        let p = check_precision(op, precision.unwrap_or(self.precision as i64))?;
        let started = Instant::now();
        let mut values = flux.to_device(Device::Cpu)?.to_vec::<f64>()?;
        if let Some(bad) = values.iter().find(|x| !x.is_finite()) {
            return Err(Error::value(op, format!("the flux contains {bad}; set_flux() replaces the values")));
        }
        if harmonize {
            let s = self.syntony();
            values.iter_mut().zip(&self.norms).for_each(|(x, m2)| *x *= h_gain(*m2, s));
        }
        self.settle(&values, p);
        self.h_duration = started.elapsed();
        Ok(self.syntony())
    }

    /// Takes over doubles: those that are the number already there, to the last bit, leave it as it is.
    pub(super) fn settle(&mut self, values: &[f64], precision: u64) {
        let same_bound = precision >= self.precision;
        let mut lattice = snap_all(values, precision);
        if same_bound {
            for (new, (old, x)) in lattice.iter_mut().zip(self.lattice.iter().zip(values)) {
                // Exact products have long coefficients that no snap would find again.
                if new != old && old.to_f64() == *x {
                    *new = old.clone();
                }
            }
        }
        self.lattice = lattice;
        self.precision = precision;
        self.flux = None;
        self.syntony = OnceLock::new();
    }

    /// Leaves flux without taking over its values.
    ///
    /// # Errors
    /// [`Error::Phase`] if crystallized.
    pub fn destroy_shadow(&mut self) -> Result<()> {
        self.flux().map_err(|_| Error::Phase { op: "destroy_shadow", phase: "crystallized", remedy: "there is no flux to destroy" })?;
        self.flux = None;
        Ok(())
    }

    /// Replaces all numbers; they keep shape and mode norms.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of values, [`Error::Phase`] in flux.
    pub fn replace_lattice(&mut self, lattice: Vec<Golden>) -> Result<()> {
        self.crystallized("replace_lattice")?;
        if lattice.len() != self.size() {
            return Err(Error::shape("replace_lattice", format!("{} numbers for {} elements", lattice.len(), self.size())));
        }
        self.set_lattice(lattice);
        Ok(())
    }
}
