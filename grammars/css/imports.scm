; What brings names into the file, at the top level only.
(stylesheet (import_statement) @import)
