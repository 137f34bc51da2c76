; What brings names into the file, at the top level only, and the package it is in.
(compilation_unit (package_clause) @import)
(compilation_unit (import_declaration) @import)
