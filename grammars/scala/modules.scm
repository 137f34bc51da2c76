; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
(import_declaration path: _+ @path) @statement
(import_declaration path: _+ @module (namespace_wildcard) @name)
(import_declaration
  path: _+ @module
  (namespace_selectors
    [(identifier) @name (arrow_renamed_identifier name: (_) @name) (as_renamed_identifier name: (_) @name)]))
