; What brings names into the file, at the top level only.
(source_file (import_declaration) @import)
