; What brings names into the file, at the top level only.
(program (import_statement) @import)
(program (export_statement source: (string)) @import)
(program
  (lexical_declaration
    (variable_declarator value: (call_expression function: (identifier) @callee))) @import
  (#set! callee "require"))
(program
  (variable_declaration
    (variable_declarator value: (call_expression function: (identifier) @callee))) @import
  (#set! callee "require"))
