//! Reading a document.
