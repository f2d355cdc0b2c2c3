use serde_json::Value;

/// Reading and writing fields of JSON values without a panic.
pub(crate) trait Field {
    /// The field, or null where there is none.
    fn at(&self, name: &str) -> &Value;
    /// Sets a field; nothing happens where the value is no object.
    fn put(&mut self, name: &str, value: Value);
    /// The elements of a list field, or none.
    fn list(&self, name: &str) -> &[Value];
}

static NULL: Value = Value::Null;

impl Field for Value {
    fn at(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&NULL)
    }

    fn put(&mut self, name: &str, value: Value) {
        if let Some(fields) = self.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    }

    fn list(&self, name: &str) -> &[Value] {
        self.at(name).as_array().map(Vec::as_slice).unwrap_or_default()
    }
}
