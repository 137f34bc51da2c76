; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
; @relative is the dots of a module that is looked for from this one.
(import_statement name: [(dotted_name) @module (aliased_import name: (dotted_name) @module)]) @statement
(import_from_statement
  module_name: [(dotted_name) @module (relative_import (import_prefix) @relative (dotted_name)? @module)]
  name: [(dotted_name) @name (aliased_import name: (dotted_name) @name)]) @statement
(import_from_statement
  module_name: [(dotted_name) @module (relative_import (import_prefix) @relative (dotted_name)? @module)]
  (wildcard_import) @name) @statement
