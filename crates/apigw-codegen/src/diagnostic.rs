//! One message for a document that cannot be used: where, what, and the remedy.
