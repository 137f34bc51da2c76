; What brings names into the file, at the top level only, and the package it is in.
(source_file (package_header) @import)
(source_file (import) @import)
