; What brings names into the file, and the package it is in.
(program (package_declaration) @import)
(program (import_declaration) @import)
