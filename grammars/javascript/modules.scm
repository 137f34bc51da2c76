; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
(import_statement source: (string (string_fragment) @module)) @statement
(import_statement (import_clause (identifier) @name) source: (string (string_fragment) @module)) @statement
(import_statement
  (import_clause (named_imports (import_specifier name: _ @name)))
  source: (string (string_fragment) @module)) @statement
(export_statement source: (string (string_fragment) @module)) @statement
(export_statement
  (export_clause (export_specifier name: _ @name))
  source: (string (string_fragment) @module)) @statement
((call_expression function: (identifier) @callee arguments: (arguments . (string (string_fragment) @module))) @statement
  (#set! callee "require"))
((variable_declarator
  name: (object_pattern [(shorthand_property_identifier_pattern) @name (pair_pattern key: (_) @name)])
  value: (call_expression
    function: (identifier) @callee
    arguments: (arguments . (string (string_fragment) @module))) @statement)
  (#set! callee "require"))
(call_expression function: (import) arguments: (arguments . (string (string_fragment) @module))) @statement
