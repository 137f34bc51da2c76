; What brings names into the file, and the package it is in.
(source_file (package_clause) @import)
(source_file (import_declaration) @import)
