//! Arrays of a fixed size on the heap, which survive saving.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};

/// `N` numbers. That the size is known spares the check of every index in the loops over rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<T>", into = "Vec<T>", bound = "T: Clone + Serialize + for<'a> Deserialize<'a>")]
pub struct Table<T, const N: usize>(Box<[T; N]>);

impl<T: Copy, const N: usize> Table<T, N> {
    /// `value` everywhere.
    pub fn of(value: T) -> Self {
        Self(Box::new([value; N]))
    }
}

impl<T, const N: usize> Deref for Table<T, N> {
    type Target = [T; N];

    fn deref(&self) -> &[T; N] {
        &self.0
    }
}

impl<T, const N: usize> DerefMut for Table<T, N> {
    fn deref_mut(&mut self) -> &mut [T; N] {
        &mut self.0
    }
}

impl<T, const N: usize> TryFrom<Vec<T>> for Table<T, N> {
    type Error = String;

    fn try_from(values: Vec<T>) -> Result<Self, String> {
        let found = values.len();
        let values = values.into_boxed_slice().try_into();
        values.map(Self).map_err(|_| format!("a table of {N} numbers has {found}"))
    }
}

impl<T, const N: usize> From<Table<T, N>> for Vec<T> {
    fn from(table: Table<T, N>) -> Self {
        let boxed: Box<[T]> = table.0;
        boxed.into_vec()
    }
}
