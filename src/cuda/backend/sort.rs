//! Sorting: chunks, then passes that merge runs of doubling length.

use purify_ops::{DType, Result, Tensor};

use super::{Cuda, HOST, Kernel, address, type_name};
use crate::launch::{Arguments, blocks, spread};

/// Elements that a block sorts in one go.
const CHUNK: u64 = 1024;

impl Cuda {
    pub(super) fn sort_lines(&self, x: &Tensor, descending: bool, values: Option<&Tensor>, indices: Option<&Tensor>) -> Result<()> {
        if x.size() == 0 {
            return Ok(());
        }
        let kernel = type_name(x.dtype()).map(|name| Kernel::new("sort", None, name)).filter(|kernel| kernel.exists());
        let Some(kernel) = kernel else { return self.sort_on_host(x, descending, values, indices) };
        let n = x.shape().last().copied().unwrap_or(1) as u64;
        let lines = x.size() as u64 / n;
        let x = x.contiguous()?;
        let pair = || Ok((self.uninit("sort", x.shape(), x.dtype())?, self.uninit("sort", x.shape(), DType::Int64)?));
        let (mut keys, mut order) = pair()?;
        let way = u32::from(descending);
        let arguments = Arguments::new().with(lines).with(n).with(way).at(address(&x)).at(address(&keys)).at(address(&order));
        let grid = blocks(lines * n.div_ceil(CHUNK), CHUNK / 2, 512, self.multiprocessors());
        // SAFETY: `sort_chunk_T(uint64 lines, uint64 n, uint32 descending, const T*, T* keys, int64* order)`, all dense.
        unsafe { self.launch("sort", kernel.entry("sort_chunk"), grid, arguments, &[&x, &keys, &order])? };
        let mut run = CHUNK;
        let (mut other_keys, mut other_order) = if run < n { pair()? } else { (keys.clone(), order.clone()) };
        while run < n {
            let arguments = Arguments::new().with(lines).with(n).with(run).with(way).at(address(&keys)).at(address(&order));
            let arguments = arguments.at(address(&other_keys)).at(address(&other_order));
            let grid = spread(lines * n, 1, self.multiprocessors());
            // SAFETY: `sort_merge_T(uint64 lines, uint64 n, uint64 run, uint32 descending, const T*, const int64*, T*, int64*)`.
            unsafe { self.launch("sort", kernel.entry("sort_merge"), grid, arguments, &[&keys, &order, &other_keys, &other_order])? };
            std::mem::swap(&mut keys, &mut other_keys);
            std::mem::swap(&mut order, &mut other_order);
            run *= 2;
        }
        values.map_or(Ok(()), |out| self.copy_elements(&keys, out))?;
        indices.map_or(Ok(()), |out| self.copy_elements(&order, out))
    }

    fn sort_on_host(&self, x: &Tensor, descending: bool, values: Option<&Tensor>, indices: Option<&Tensor>) -> Result<()> {
        if let Some(out) = values {
            self.on_host("sort", x.dtype(), &[x], out, |x, out| HOST.sort(&x[0], descending, Some(out), None))?;
        }
        match indices {
            Some(out) => self.on_host("sort", x.dtype(), &[x], out, |x, out| HOST.sort(&x[0], descending, None, Some(out))),
            None => Ok(()),
        }
    }
}
